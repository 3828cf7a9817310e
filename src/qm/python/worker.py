"""The other end of src/qm/worker.ts: calculates structures with ASE calculators, one after the other, until its standard input ends.

A message is a little-endian unsigned length of 4 bytes and that many bytes of JSON in UTF-8. Both ends print the shortest digits that
read back as the same number, so that no bit is lost on the way. The first message is the worker's own, the versions of what it stands on:

    {"python": "3.11.7", "ase": "3.28.0" or null, "tblite": "0.8.0" or null}

Then each request is answered by one message:

    {"engine", "options", "numbers", "positions", "cell", "pbc", "charge", "multiplicity", "properties"}
    {"energy", "seconds", and of "forces", "stress", "charges", "energies" those asked}
    {"error": {"kind": "input" or "unconverged" or "failed", "message"}}

Units: eV, Angstrom, e; "forces" flat as "positions" are; "stress" as xx, yy, zz, yz, xz, xy. Nothing is kept from one calculation to
the next: a structure gives the same bits whatever was calculated before.
"""
import json
import os
import platform
import queue
import signal
import struct
import sys
import threading
import time
from importlib import import_module, metadata

LENGTH = struct.Struct("<I")
METHODS = {"gfn2-xtb": "GFN2-xTB", "gfn1-xtb": "GFN1-xTB"}


def calculator(request):
    """A calculator that knows of no other calculation."""
    engine, options = request["engine"], request["options"]
    if engine == "ase-emt":
        from ase.calculators.emt import EMT

        return EMT(**options)
    from tblite.ase import TBLite

    state = {"charge": request["charge"], "multiplicity": request["multiplicity"]}
    return TBLite(method=METHODS[engine], verbosity=0, **state, **options)


def calculate(request):
    """The results that a request asks for, as plain numbers and lists."""
    from ase import Atoms

    positions, cell = (triples(request[key]) for key in ("positions", "cell"))
    atoms = Atoms(request["numbers"], positions, cell=cell, pbc=request["pbc"], calculator=calculator(request))
    began = time.perf_counter()
    answer = {"energy": float(atoms.get_potential_energy())}
    for wanted in request["properties"]:
        if wanted != "energy":
            answer[wanted] = atoms.calc.get_property(wanted, atoms).ravel().tolist()
    answer["seconds"] = time.perf_counter() - began
    return answer


def triples(flat):
    return [flat[k : k + 3] for k in range(0, len(flat), 3)]


def failure(error):
    """What went wrong: the structure's fault ("input"), a calculation that did not converge, or anything else."""
    kind = "failed"
    if type(error).__name__ == "InputError":
        kind = "input"
    elif "not converged" in str(error):
        kind = "unconverged"
    message = str(error) or type(error).__name__
    if isinstance(error, ImportError):
        message = f"this Python ({sys.executable}) lacks a package: {message}"
    return {"error": {"kind": kind, "message": message}}


def answered(request):
    """The answer to a request as JSON; numbers that are not finite are a failure, since JSON has no word for them."""
    try:
        return json.dumps(calculate(request), allow_nan=False)
    except Exception as error:  # whatever a library throws is an answer, not the worker's end
        return json.dumps(failure(error))


def version(package, module):
    """The version of an installed package, None if it cannot be imported."""
    try:
        import_module(module)
        return metadata.version(package)
    except Exception:
        return None


def read(stream, requests):
    """Puts requests into the queue. At the end of the stream the parent is gone: the process ends at once, in whatever it is."""
    while len(head := stream.read(LENGTH.size)) == LENGTH.size:
        requests.put(json.loads(stream.read(LENGTH.unpack(head)[0])))
    os._exit(0)


def main():
    # Answers go through a descriptor that no library knows; whatever prints, in C or in Python, prints to stderr.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # Ctrl-C reaches the whole process group; when to stop is the parent's affair.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = queue.SimpleQueue()
    threading.Thread(target=read, args=(sys.stdin.buffer, requests), daemon=True).start()

    def send(text):
        message = text.encode()
        answers.write(LENGTH.pack(len(message)) + message)
        answers.flush()

    versions = {"ase": version("ase", "ase"), "tblite": version("tblite", "tblite.ase")}
    send(json.dumps({"python": platform.python_version(), **versions}))
    while True:
        send(answered(requests.get()))


if __name__ == "__main__":
    main()
