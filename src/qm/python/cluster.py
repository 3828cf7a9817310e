"""The other end of src/qm/cluster.ts: has processes asked by the workers of a Dask cluster, many at a time, until its standard input ends.

    cluster.py local:N FOLDER           starts a scheduler and N workers of one thread on this machine; they end with it
    cluster.py tcp://host:port FOLDER   connects to a scheduler

The folder is for its own files, and is gone when it ends.

Messages are framed as worker.py has them. The first says who is there, or why nobody is:

    {"dashboard": link, "workers": [{"host", "threads", "cores"}]}
    {"failed": message}

Then calls come in, each for a process that reads and writes framed messages and says something when it is ready, and are answered in the order
in which they end; a call that nobody waits for any more is given up, which kills its process:

    {"id", "command": [...], "environment": {...}, "timeout": s or null, "message": text}
    {"id", "answer": text}        what the process answered
    {"id", "lost": message}       the process, or the worker that it belonged to, died
    {"id", "late": message}       it was killed because it took too long; waiting for a free worker does not count
    {"id", "missing": message}    it could not be started
    {"gone": true}                so is the scheduler
    {"forget": id}

A process serves one call after the other. It ends with its worker, with this program, or when nobody has called for a minute.
"""
import asyncio
import contextlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import dask
import psutil
from distributed import Client, KilledWorker, LocalCluster, WorkerPlugin, get_worker
from tornado.ioloop import PeriodicCallback

# Of the length before a message, as "<I" of struct has it, which cannot be sent to workers.
LENGTH = 4

# s: for a scheduler to answer, for workers to hear that this program ends, for a process to wait for the next call.
ANSWERING, PARTING, IDLE = 5, 1, 60

# Characters of what a process said on stderr that are looked at for its last line.
TAIL = 2000


def framed(message):
    return len(message).to_bytes(LENGTH, "little") + message


def read(stream):
    """The next message of a stream; None at its end."""
    head = stream.read(LENGTH)
    body = stream.read(int.from_bytes(head, "little")) if len(head) == LENGTH else b""
    return body if len(head) == LENGTH and len(body) == int.from_bytes(head, "little") else None


class Process:
    """A process that answers one message at a time. What it says on stderr is kept for its last line."""

    def __init__(self, command, environment):
        self.told = tempfile.TemporaryFile()
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.told}
        self.child = subprocess.Popen(command, env={**os.environ, **environment}, **pipes)
        self.asked = time.monotonic()

    def ask(self, message):
        """The answer; None if the process has ended."""
        try:
            self.child.stdin.write(framed(message))
            self.child.stdin.flush()
        except OSError:
            return None
        return self.read()

    def read(self):
        """The next message; None if the process has ended."""
        return read(self.child.stdout)

    def end(self):
        """Kills it; how it ended, and what it said last."""
        self.child.kill()
        self.child.communicate()
        self.told.seek(max(0, self.told.seek(0, os.SEEK_END) - TAIL))
        last = self.told.read().decode(errors="replace").strip().split("\n")[-1]
        self.told.close()
        return f' after "{last}"' if last else ""


class Processes(WorkerPlugin):
    """The processes of one worker that serve the calls of one study."""

    def __init__(self, name):
        self.name = name

    def setup(self, worker):
        self.worker, self.lock = worker, threading.Lock()
        self.waiting, self.busy, self.unwanted = [], {}, set()
        self.tidying = PeriodicCallback(self.tidy, 1000 * IDLE / 4)
        self.tidying.start()

    def teardown(self, worker):
        self.tidying.stop()
        with self.lock:
            for process in [*self.busy.values(), *(process for _, process in self.waiting)]:
                process.child.kill()

    def tidy(self):
        """Ends processes that nobody has called for a while."""
        with self.lock:
            old = [entry for entry in self.waiting if time.monotonic() - entry[1].asked > IDLE]
            self.waiting = [entry for entry in self.waiting if entry not in old]
        for _, process in old:
            process.end()

    def transition(self, key, start, finish, **_):
        # Nobody waits for it: its client has let go of it, or is gone.
        if start == "executing" and finish == "released":
            with self.lock:
                self.unwanted.add(key)
                if key in self.busy:
                    self.busy[key].child.kill()

    def call(self, key, command, environment, timeout, message):
        """Has a process asked, on the thread of a task."""
        node, kind = platform.node(), [command, environment]
        self.worker.log_event(self.name, {"key": key, "node": node})
        missing = f"{command[0]} does not start on {node}"
        with self.lock:
            alive = (process for known, process in reversed(self.waiting) if known == kind and process.child.poll() is None)
            process = next(alive, None)
            self.waiting = [entry for entry in self.waiting if entry[1] is not process]
        try:
            process, fresh = process or Process(command, environment), process is None
        except OSError:
            return {"missing": missing}
        with self.lock:
            self.busy[key] = process
            if key in self.unwanted:
                process.child.kill()
        late, answer = threading.Event(), None
        clock = threading.Timer(timeout, lambda: (late.set(), process.child.kill())) if timeout else None
        try:
            ready = not fresh or process.read() is not None
            if ready and clock:
                clock.start()
            answer = process.ask(message.encode()) if ready else None
        finally:
            if clock and clock.is_alive():
                clock.cancel()
                clock.join()
            with self.lock:
                del self.busy[key]
                # Killed, though it may just have answered.
                killed = late.is_set() or key in self.unwanted
                self.unwanted.discard(key)
                if answer is not None and not killed:
                    process.asked = time.monotonic()
                    self.waiting.append((kind, process))
        if answer is not None:
            if killed:
                process.end()
            return {"answer": answer.decode()}
        status = process.child.wait()
        how = f"with {signal.Signals(-status).name if status < 0 else f'status {status}'}{process.end()}"
        if late.is_set():
            return {"late": f"it took more than {timeout} s; its process on {node} was killed"}
        if not ready:
            return {"missing": f"{missing}: it ended {how}"}
        return {"lost": f"its process on {node} ended {how}"}


def task(name, call):
    """What a worker does for a call."""
    worker = get_worker()
    return worker.plugins[name].call(worker.get_current_task(), **call)


def cores():
    """Processors that a worker may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


class Bridge:
    """The calls under way."""

    def __init__(self, client, name, send):
        self.client, self.name, self.send = client, name, send
        self.futures, self.begun = {}, {}

    def key(self, id):
        return f"{self.name}-{id}"

    def note(self, event):
        """A worker begins with a call. Where one had begun already, that one is gone: the call is given back, so that whoever asks counts it."""
        _, message = event
        id = int(message["key"].rpartition("-")[2])
        if id not in self.futures:
            return
        if id in self.begun:
            self.lost(id)
        else:
            self.begun[id] = message["node"]

    def lost(self, id):
        node = self.begun.get(id)
        where = f"the cluster's worker on {node} that was at it" if node else "the cluster's worker that it was given to"
        self.done(id, {"lost": f"{where} is gone"})

    def done(self, id, answer):
        """Gives an answer, unless the call has one or is forgotten."""
        self.begun.pop(id, None)
        future = self.futures.pop(id, None)
        if future is None:
            return
        future.release()
        if answer is not None:
            self.send({"id": id, **answer})

    async def call(self, id, **call):
        future = self.client.submit(task, self.name, call, key=self.key(id), pure=False)
        self.futures[id] = future
        try:
            self.done(id, await future)
        except (Exception, asyncio.CancelledError) as error:
            if self.client.status != "running":
                self.send({"gone": True})
            elif isinstance(error, (KilledWorker, asyncio.CancelledError)):
                self.lost(id)
            else:
                self.done(id, {"missing": " ".join(str(error).split())})


async def connected(address, folder):
    """A client of a cluster, once it answers."""
    if not address.startswith("local:"):
        return await Client(address, asynchronous=True, timeout=ANSWERING, set_as_default=False)
    # A call that loses its worker is counted by those who asked. The processes do the work: the workers' own memory says nothing.
    dask.config.set({"distributed.scheduler.allowed-failures": 1000})
    own = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:8787", "local_directory": folder, "memory_limit": None}
    cluster = await LocalCluster(n_workers=int(address[6:]), threads_per_worker=1, asynchronous=True, **own)
    return await Client(cluster, asynchronous=True, set_as_default=False)


async def serve(address, folder, incoming, send):
    name = f"qmml-{uuid.uuid4().hex[:12]}"
    loop = asyncio.get_running_loop()
    requests = asyncio.Queue()

    def leave():
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        shutil.rmtree(folder, ignore_errors=True)
        # This program leads its process group, of which everything is that it has started.
        os.killpg(0, signal.SIGKILL)

    def listen():
        try:
            while (request := read(incoming)) is not None:
                loop.call_soon_threadsafe(requests.put_nowait, json.loads(request))
        finally:
            if not address.startswith("local:"):
                loop.call_soon_threadsafe(requests.put_nowait, None)
                time.sleep(PARTING)
            leave()

    threading.Thread(target=listen, daemon=True).start()
    connecting = asyncio.create_task(connected(address, folder))
    # A port where something else listens may never answer.
    await asyncio.wait([connecting], timeout=None if address.startswith("local:") else ANSWERING)
    if not connecting.done() or connecting.exception():
        send({"failed": " ".join(str(connecting.exception()).split()) if connecting.done() else f"no answer within {ANSWERING} s"})
        leave()
    client = connecting.result()
    await client.register_plugin(Processes(name), name=name)
    bridge = Bridge(client, name, send)
    client.subscribe_topic(name, bridge.note)
    found = await client.run(cores, on_error="ignore")
    workers = (await client.scheduler.identity())["workers"]
    there = [{"host": w["host"], "threads": w["nthreads"], "cores": found.get(where)} for where, w in workers.items()]
    send({"dashboard": client.dashboard_link, "workers": there})
    under_way = set()
    while (request := await requests.get()) is not None:
        if "forget" in request:
            bridge.done(request["forget"], None)
            continue
        call = asyncio.create_task(bridge.call(**request))
        under_way.add(call)
        call.add_done_callback(under_way.discard)
    for id in list(bridge.futures):
        bridge.done(id, None)
    await client.unregister_worker_plugin(name)
    leave()


def main():
    # As in worker.py: messages go through descriptors that no library knows and no child inherits.
    incoming, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)

    def send(answer):
        answers.write(framed(json.dumps(answer).encode()))
        answers.flush()

    asyncio.run(serve(*sys.argv[1:], incoming, send))


if __name__ == "__main__":
    main()
