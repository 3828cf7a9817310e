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
    import numpy
    from ase import Atoms

    began = time.perf_counter()
    positions, cell = (triples(request[key]) for key in ("positions", "cell"))
    atoms = Atoms(request["numbers"], positions, cell=cell, pbc=request["pbc"], calculator=calculator(request))
    answer = {}
    for wanted in dict.fromkeys(["energy", *request["properties"]]):
        values = numpy.asarray(atoms.calc.get_property(wanted, atoms))
        # JSON has no word for such numbers, and nobody has a use for them.
        if not numpy.isfinite(values).all():
            raise ArithmeticError(f"not all numbers of {wanted} are finite")
        answer[wanted] = values.item() if wanted == "energy" else values.ravel().tolist()
    return {**answer, "seconds": time.perf_counter() - began}


def triples(flat):
    """Rows of three."""
    return [flat[k : k + 3] for k in range(0, len(flat), 3)]


def failure(error):
    """What went wrong: the structure's fault ("input"), a calculation that did not converge, or anything else."""
    kind = "failed"
    if type(error).__name__ == "InputError":
        kind = "input"
    elif "not converged" in str(error):
        kind = "unconverged"
    return {"error": {"kind": kind, "message": " ".join(str(error).split()) or type(error).__name__}}


def answered(request):
    try:
        return calculate(request)
    except Exception as error:  # whatever a library throws is an answer, not the worker's end
        return failure(error)


def version(package, module):
    """The version of an installed package, None if it cannot be imported."""
    try:
        import_module(module)
        return metadata.version(package)
    except Exception:
        return None


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

    versions = {"ase": version("ase", "ase"), "tblite": version("tblite", "tblite.ase")}
    send({"python": platform.python_version(), **versions})
    while True:
        send(answered(requests.get()))


if __name__ == "__main__":
    main()
