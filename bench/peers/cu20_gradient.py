"""PyTorch: loss and gradient of all members on cu20, f64 and f32, by hand and by autograd. The argument is a JSON file with models and tolerance.
Prints what each member comes to, so that the caller can hold its own numbers against it."""
import json
import sys

import torch

from cu20 import CUTOFF, ENERGIES, FORCES, FRAMES, G2, G4, HIDDEN
from networks import Set, by_autograd, by_hand, forward, packed, unpacked
from rounds import serve
from symmetry_functions import described

problem = json.load(open(sys.argv[1]))
models, tolerance = problem["models"], problem["tolerance"]
sizes = [len(models[0]["low"]), *HIDDEN, 1]
images = [described(atoms, CUTOFF, G2, G4) for atoms in FRAMES]


def case(threads, dtype, way):
    s = Set(images, models[0], ENERGIES, FORCES, tolerance, dtype)
    layers, offsets = unpacked(models, sizes, dtype)

    def run():
        torch.set_num_threads(threads)
        return way(s, layers, offsets)

    return run


cases = {
    f"{name} {way.__name__.replace('_', ' ')} {threads}": case(threads, dtype, way)
    for name, dtype in (("f64", torch.float64), ("f32", torch.float32))
    for way in (by_hand, by_autograd)
    for threads in (1, 2)
}
exact = Set(images, models[0], ENERGIES, FORCES, tolerance)
layers, offsets = unpacked(models, sizes, torch.float64)
energy, force, _ = forward(exact, layers, offsets)
answers = {}
for name, run in cases.items():
    loss, _, _, gradient = run()
    answers[name] = {"loss": loss.double().tolist(), "gradient": packed(gradient).tolist()}
serve(
    cases,
    versions={"PyTorch": torch.__version__.split("+")[0]},
    energies=energy.tolist(),
    forces=force.transpose(0, 1).reshape(len(models), -1).tolist(),
    answers=answers,
)
