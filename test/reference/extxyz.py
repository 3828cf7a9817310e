"""Frames as ASE writes them, in `extxyz.extxyz`, and what it reads there and in `extxyz-written.extxyz`, which qmml wrote
(`node test/io/written.ts > test/reference/extxyz-written.extxyz`): `python extxyz.py > extxyz.json`."""
import json
import sys
from pathlib import Path

import ase
import numpy as np
from ase import Atoms
from ase.build import add_adsorbate, fcc100, molecule
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms, FixCartesian
from ase.io import read, write

slab = fcc100("Cu", (2, 1, 2), a=3.5898, vacuum=5)
add_adsorbate(slab, "N", 1.4, "hollow")
slab.rattle(0.1, seed=3)
slab.set_constraint(FixAtoms([0, 1]))
slab.info = {"step": 7, "name": "a slab", "quoted": 'say "so"', "flag": True, "flags": [True, False], "array": np.array([1.5, -2.0]),
             "nested": [[1, 2], [3, 4]], "mapping": {"a": [1, "x"]}, "one": [1]}
slab.calc = EMT()
slab.get_forces()

fixed = Atoms("CuAu", positions=[[0, 0, 0], [2.5, 0.1, -0.3]], cell=[[4, 0.5, 0], [0, 5, 0.25], [1, 0, 6]], pbc=[True, False, True])
fixed.set_constraint([FixCartesian(0, [True, True, True])])

water = molecule("H2O")
water.calc = SinglePointCalculator(water, energy=-14.2, charges=[-0.6, 0.3, 0.3], forces=water.positions / 3)
water.set_initial_magnetic_moments([0.0, 1.0, -1.0])

path = Path(__file__).with_name("extxyz.extxyz")
write(path, [slab, fixed, water], format="extxyz")


def plain(value):
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return value


def as_read(path):
    frames = []
    for atoms in read(path, ":"):
        results = atoms.calc.results if atoms.calc else {}
        constrained = [int(index) for constraint in atoms.constraints for index in constraint.get_indices()]
        frames.append({
            "numbers": atoms.numbers.tolist(),
            "positions": atoms.positions.tolist(),
            "cell": atoms.cell[:].tolist(),
            "pbc": atoms.pbc.tolist(),
            "tags": atoms.get_tags().tolist(),
            "results": {key: plain(value) for key, value in results.items()},
            "info": {key: plain(value) for key, value in atoms.info.items()},
            "arrays": {key: plain(value) for key, value in atoms.arrays.items() if key not in ("numbers", "positions", "tags")},
            "constrained": constrained,
        })
    return frames


json.dump({
    "made_with": {"ase": ase.__version__, "numpy": np.__version__},
    "ase": as_read(path),
    "qmml": as_read(path.with_name("extxyz-written.extxyz")),
}, sys.stdout)
