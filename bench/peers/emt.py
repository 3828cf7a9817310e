"""ASE: EMT energy and forces of the structures in a JSON file, atoms moved a little before each call: by a calculator that keeps its neighbour list
with a skin, as in a relaxation, and by a new one that has to find the neighbours first."""
import json
import sys

import ase
import numpy as np
from ase import Atoms
from ase.calculators.emt import EMT

from rounds import serve

MOVE = 0.01  # Å
cases, energies = {}, []
for s in json.load(open(sys.argv[1])):
    atoms = Atoms(s["symbols"], positions=s["positions"], cell=s["cell"], pbc=s["pbc"])
    atoms.calc = EMT()
    energies.append(atoms.get_potential_energy())
    start, generator = atoms.get_positions(), np.random.default_rng(1)

    def moved(atoms=atoms, start=start, generator=generator):
        atoms.set_positions(start + generator.uniform(-MOVE, MOVE, start.shape))
        return atoms.get_potential_energy(), atoms.get_forces()

    def new(atoms=atoms.copy(), start=start, generator=generator):
        atoms.calc = EMT()
        atoms.set_positions(start + generator.uniform(-MOVE, MOVE, start.shape))
        return atoms.get_potential_energy(), atoms.get_forces()

    cases[f"moved {len(atoms)}"] = moved
    cases[f"new {len(atoms)}"] = new
serve(cases, versions={"ASE": ase.__version__}, energies=energies)
