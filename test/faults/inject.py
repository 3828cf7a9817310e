"""A worker that fails on purpose: python inject.py -B WORKER.PY … A fifth of all images, told by their geometry, meet with one of five fates.

    QMML_FATES  a folder in which each fated image has a file, so that it meets with the same whoever asks, however often
    QMML_MET    a folder for those who are struck once only: what happened to them here

The fates go round among the images as they come. Every second of each kind is struck for good, the others until other options or a fresh worker help.
"""
import hashlib
import os
import runpy
import signal
import sys
import time

sys.argv = sys.argv[next(k for k, word in enumerate(sys.argv[1:], 1) if word.endswith(".py")) :]
script = sys.argv[0]
sys.path.insert(0, os.path.dirname(script))
if os.path.basename(script) != "worker.py":
    # The process that speaks to a cluster.
    runpy.run_path(script, run_name="__main__")
    sys.exit()

import engines  # noqa: E402

KINDS = ["unconverged", "crash", "not finite", "absurd", "hang"]


def fate(request):
    """The kind of failure and whether it is for good; None for the lucky."""
    lengths = ",".join(f"{x:.6f}" for x in request["positions"])
    digest = hashlib.sha256((os.environ["QMML_SALT"] + lengths).encode()).hexdigest()
    if int(digest[:8], 16) % 5:
        return None
    folder = os.environ["QMML_FATES"]
    path = os.path.join(folder, digest)
    if not os.path.exists(path):
        count = len(os.listdir(folder))
        with open(path, "x") as file:
            file.write(f"{count % len(KINDS)} {count // len(KINDS) % 2}")
    kind, good = open(path).read().split()
    met = os.path.join(os.environ["QMML_MET"], digest)
    is_first = not os.path.exists(met)
    open(met, "a").close()
    return KINDS[int(kind)], good == "1", is_first


def struck(request):
    """What becomes of a request: nothing, or a failure; the answer to be spoilt."""
    met = fate(request)
    if met is None:
        return None
    kind, is_for_good, is_first = met
    if kind in ("crash", "hang"):
        if is_for_good or is_first:
            if kind == "crash":
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(3600)
        return None
    return kind if is_for_good or "max_iterations" not in request["options"] else None


class Injected:
    def __init__(self, module):
        self.opened = module.opened
        self.real = module.calculate

    def calculate(self, name, request):
        kind = struck(request)
        if kind == "unconverged":
            raise engines.Unconverged("SCF not converged on purpose")
        answer = dict(self.real(name, request))
        if kind == "not finite":
            answer["energy"] = float("nan")
        if kind == "absurd":
            answer["forces"] = answer["forces"] * 0 + 1e4
        return answer


real_engine = engines.engine
engines.engine = lambda name: Injected(real_engine(name))
runpy.run_path(script, run_name="__main__")
