"""Kernels of Jupyter as a client meets them: `kernels.py ROUNDS` prints s by task and kernel, and the MB that an idle one holds. They take turns."""

import json
import statistics
import sys
import time

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

TIMEOUT = 60

# s after which a kernel that was asked nothing is idle.
REST = 5

# What is the same in two languages: the import of a large numeric package, a notebook of 50 cells, the names that a number has.
WORDS = {
    "qmml": {"import": "import { emt } from 'qmml'; emt", "cell": "const c{i}: number = {i} + 0.5; c{i}", "complete": "c49.to"},
    "python3": {"import": "import numpy; numpy", "cell": "c{i} = {i} + 0.5; c{i}", "complete": "c49.is"},
}
MANY = 50


def measure(name):
    words, found = WORDS[name], {}
    km = KernelManager(kernel_name=name)

    def timed(task, work):
        begun = time.perf_counter()
        work()
        found.setdefault(task, []).append(time.perf_counter() - begun)

    def cell(code):
        reply = client.execute_interactive(code, output_hook=lambda message: None, timeout=TIMEOUT)
        assert reply["content"]["status"] == "ok", reply["content"]

    def complete():
        reply = client.complete(words["complete"], reply=True, timeout=TIMEOUT)
        assert reply["content"]["matches"], reply["content"]

    begun = time.perf_counter()
    km.start_kernel()
    client = km.client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    found["start to ready"] = [time.perf_counter() - begun]
    time.sleep(REST)
    memory = psutil.Process(km.provisioner.pid).memory_info().rss / 1e6
    timed("first import of a package", lambda: cell(words["import"]))
    for i in range(MANY):
        cell(words["cell"].format(i=i))
    for _ in range(MANY):
        timed("1 + 1", lambda: cell("1 + 1"))
    for _ in range(MANY // 2):
        timed("completion after 50 cells", complete)
    client.stop_channels()
    km.shutdown_kernel()
    return found, memory


def main(rounds):
    names = [name for name in WORDS if name in KernelSpecManager().find_kernel_specs()]
    times, memory = {name: {} for name in names}, {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found, held = measure(name)
            memory[name].append(held)
            for task, seconds in found.items():
                times[name].setdefault(task, []).extend(seconds)
    print(json.dumps({"times": times, "memory": {name: statistics.median(held) for name, held in memory.items()}}))


main(int(sys.argv[1]))
