"""The other end of src/qm/worker.ts: calculates structures, one after the other, until its standard input ends.

A message is a little-endian unsigned length of 4 bytes and that many bytes of JSON in UTF-8. Both ends print the shortest digits that
read back as the same number, so that no bit is lost on the way. The first message is the worker's own, what it runs on:

    {"python": "3.11.7", "node": "host"}

Then each request is answered by one message. What an engine is, with these options:

    {"open": engine, "options"}
    {"version", "properties": [...] or null, "elements": [atomic numbers] or null}

A calculation; "guess" only where the engine starts from an earlier one, "from" null for the first:

    {"engine", "options", "threads", "numbers", "positions", "cell", "pbc", "charge", "multiplicity", "properties", "guess": {"from", "to"}}
    {"energy", "seconds", "peakMemory", "node", and of "forces", "stress", "charges", "energies" those asked}

And to either, where it fails:

    {"error": {"kind": "missing", "input", "unconverged", "absurd", "absent", "lacking", "program" or "failed", "message"}}

Units: eV, Angstrom, e, bytes; "forces" flat as "positions" are; "stress" as xx, yy, zz, yz, xz, xy. Nothing is kept from one calculation to
the next but in the files of a guess: a structure gives the same bits whatever was calculated before.
"""
import json
import os
import platform
import queue
import resource
import signal
import struct
import sys
import threading
import time

from engines import Absent, Failed, Lacking, Missing, Refused, Unconverged, engine

LENGTH = struct.Struct("<I")


class NotFinite(Exception):
    """Numbers that no structure has."""


KINDS = {
    Missing: "missing",
    Refused: "input",
    Unconverged: "unconverged",
    NotFinite: "absurd",
    Absent: "absent",
    Lacking: "lacking",
    Failed: "program",
}


def opened(request):
    """What an engine is."""
    name = request["open"]
    return {"properties": None, "elements": None, **engine(name).opened(name, request["options"])}


def calculated(request):
    """The results that a request asks for, as plain numbers and lists."""
    import numpy

    began = time.perf_counter()
    forget_peak()
    asked = list(dict.fromkeys(["energy", *request["properties"]]))
    results = engine(request["engine"]).calculate(request["engine"], {**request, "properties": asked})
    answer = {}
    for wanted in asked:
        values = numpy.asarray(results[wanted])
        # JSON has no word for such numbers, and nobody has a use for them.
        if not numpy.isfinite(values).all():
            raise NotFinite(f"not all numbers of {wanted} are finite")
        answer[wanted] = values.item() if wanted == "energy" else values.ravel().tolist()
    return {**answer, "seconds": time.perf_counter() - began, "peakMemory": peak(), "node": platform.node()}


def forget_peak():
    """Lets the peak of the memory begin anew, where the system can: Linux."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def peak():
    """Largest memory since then, bytes; of the whole process where the system keeps no other."""
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return largest if sys.platform == "darwin" else largest * 1024


def answered(request):
    """The answer to a request, whatever happens."""
    try:
        return opened(request) if "open" in request else calculated(request)
    except Exception as error:  # whatever a library throws is an answer, not the worker's end
        return {"error": {"kind": KINDS.get(type(error), "failed"), "message": " ".join(str(error).split()) or type(error).__name__}}


def read(stream, requests):
    """Puts requests into the queue. When the stream ends the parent is gone, and the process ends at once, in whatever it is."""
    try:
        while head := stream.read(LENGTH.size):
            requests.put(json.loads(stream.read(*LENGTH.unpack(head))))
    finally:
        os._exit(0)


def main():
    # Messages go through descriptors that no library knows; whatever reads, in C or in Python, finds nothing, and prints to stderr.
    incoming, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    # Ctrl-C reaches the whole process group; when to stop is the parent's affair.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = queue.SimpleQueue()
    threading.Thread(target=read, args=(incoming, requests), daemon=True).start()

    def send(answer):
        message = json.dumps(answer).encode()
        answers.write(LENGTH.pack(len(message)) + message)
        answers.flush()

    send({"python": platform.python_version(), "node": platform.node()})
    while True:
        send(answered(requests.get()))


if __name__ == "__main__":
    main()
