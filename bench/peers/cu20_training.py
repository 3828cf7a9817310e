"""PyTorch + SciPy's BFGS: cu20.xyz on disk to trained models on disk, each until its errors are inside the tolerance; the members one after another,
because SciPy has no batches. Fingerprints by NumPy. The argument is a JSON file with drawn models, tolerance and decay.
One thread: products as small as these lose by more, most of all beside another program."""
import json
import pathlib
import sys
import tempfile
from importlib.metadata import version

import ase.io
import numpy as np
import torch
from scipy.optimize import minimize

from cu20 import CUTOFF, FILE, G2, G4, HIDDEN
from networks import Set, by_hand, packed, unpacked
from rounds import serve
from symmetry_functions import described

PROBLEM = json.loads(pathlib.Path(sys.argv[1]).read_text())
MODELS, TOLERANCE, DECAY = PROBLEM["models"], PROBLEM["tolerance"], PROBLEM["decay"]
torch.set_num_threads(1)


def train(s, model):
    """The trained model, the number of evaluations of the loss, and whether it is inside the tolerance."""
    sizes = [len(model["low"]), *HIDDEN, 1]
    last = {}

    def evaluate(w):
        layers, offsets = unpacked([{**model, "weights": w}], sizes, s.dtype)
        loss, de, df, gradient = by_hand(s, layers, offsets)
        inside = (de**2).mean().sqrt() <= TOLERANCE["energy"] and (df**2).mean().sqrt() <= TOLERANCE["force"]
        last.update(at=w.copy(), inside=bool(inside))
        return loss.item() + DECAY * (w @ w), packed(gradient)[0] + 2 * DECAY * w

    def stop(intermediate_result):
        if not np.array_equal(last["at"], intermediate_result.x):
            evaluate(intermediate_result.x)
        if last["inside"]:
            raise StopIteration

    found = minimize(evaluate, np.array(model["weights"]), jac=True, method="BFGS", callback=stop, options={"maxiter": 3000, "gtol": 0})
    return {**model, "weights": found.x.tolist()}, found.nfev, last["inside"]


def fingerprints():
    frames = ase.io.read(FILE.with_suffix(".xyz"), ":")
    images = [described(atoms, CUTOFF, G2, G4) for atoms in frames]
    return images, np.array([f.get_potential_energy() for f in frames]), np.array([f.get_forces() for f in frames])


def job(dtype):
    images, energies, forces = fingerprints()
    s = Set(images, MODELS[0], energies, forces, TOLERANCE, dtype)
    trained = [train(s, model) for model in MODELS]
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "models.json").write_text(json.dumps([m for m, _, _ in trained]))
    return {"evaluations": [n for _, n, _ in trained], "converged": sum(inside for _, _, inside in trained)}


precisions = {"f32": torch.float32, "f64": torch.float64}
serve(
    {"fingerprints": fingerprints, **{name: lambda dtype=dtype: job(dtype) for name, dtype in precisions.items()}},
    versions={"PyTorch": torch.__version__.split("+")[0], "SciPy": version("scipy"), "NumPy": version("numpy")},
    found={name: job(dtype) for name, dtype in precisions.items()},
)
