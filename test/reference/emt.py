"""ASE's EMT on cells of every kind, with both cutoffs: `python emt.py > emt.json`."""
import json
import sys

import ase
import numpy as np
from ase import Atoms
from ase.build import add_adsorbate, bulk, fcc100, fcc111
from ase.calculators.emt import EMT, parameters

rng = np.random.default_rng(7)
ELEMENTS = list(parameters)
structures = {}


def rattled(atoms, stdev=0.1):
    atoms.positions += rng.normal(0, stdev, atoms.positions.shape)
    return atoms


slab = fcc100("Cu", (6, 6, 4), a=3.5898, vacuum=8)
add_adsorbate(slab, "N", 1.4, "hollow")
structures["study A"] = slab
structures["periodic, rattled"] = rattled(bulk("Ag", cubic=True).repeat((3, 2, 2)))
structures["primitive cell, smaller than the cutoff"] = bulk("Cu")
structures["one atom, periodic along one direction"] = Atoms("Pt", cell=[2.4, 0, 0], pbc=[True, False, False])
structures["single atom"] = Atoms("Ni", positions=[[0.3, 0.2, 0.1]])
structures["two atoms out of reach"] = Atoms("CuNi", positions=[[0, 0, 0], [9, 1, 2]])
triclinic = Atoms("CuAuPdAl", cell=[[3.1, 0.4, -0.3], [1.2, 4.2, 0.8], [-0.9, 1.6, 5.3]], pbc=True,
                  scaled_positions=[[0.02, 0.1, 0.05], [0.5, 0.55, 0.15], [0.1, 0.45, 0.6], [1.6, -0.9, 0.62]])
structures["triclinic, atoms outside the cell"] = triclinic
structures["left-handed cell"] = Atoms("CuNi", cell=[[0, 3.4, 0.2], [3.7, 0.1, 0], [0.3, 0, 4.1]], pbc=True,
                                       scaled_positions=[[0, 0, 0], [0.45, 0.55, 0.5]])
mixed = rattled(fcc111("Al", (2, 3, 3), vacuum=4.0))
mixed.pbc = [True, False, True]
structures["mixed pbc in a skewed cell"] = mixed
structures["slab without third vector"] = rattled(fcc100("Pd", (2, 2, 2)), 0.05)
everything = Atoms([ELEMENTS[k % len(ELEMENTS)] for k in range(33)], cell=[9.1, 8.7, 9.6], pbc=True)
grid = np.array([[x, y, z] for x in range(4) for y in range(3) for z in range(3)][:33], float) * [2.3, 2.9, 3.2]
everything.positions = grid + rng.uniform(-0.3, 0.3, grid.shape)
structures["all elements, periodic"] = everything
cluster = everything.copy()
cluster.pbc = False
cluster.cell = None
structures["all elements, no cell"] = cluster
structures["cell but not periodic"] = rattled(Atoms("CuAg2Au", positions=[[0, 0, 0], [2.6, 0, 0], [1, 2.4, 0], [1, 1, 2.5]], cell=[8, 9, 10]))
structures["molecule"] = Atoms("CO", positions=[[0, 0, 0], [0.7, 0.6, 0.6]])

cases = []
for name, atoms in structures.items():
    for asap_cutoff in [False, True]:
        atoms.calc = EMT(asap_cutoff=asap_cutoff)
        cases.append({
            "name": name,
            "asap_cutoff": asap_cutoff,
            "symbols": atoms.get_chemical_symbols(),
            "positions": atoms.positions.tolist(),
            "cell": atoms.cell[:].tolist(),
            "pbc": atoms.pbc.tolist(),
            "energy": atoms.get_potential_energy(),
            "energies": atoms.get_potential_energies().tolist(),
            "forces": atoms.get_forces().tolist(),
            "stress": atoms.get_stress().tolist() if atoms.cell.rank == 3 else None,
        })
json.dump({"made_with": {"ase": ase.__version__, "numpy": np.__version__}, "cases": cases}, sys.stdout)
