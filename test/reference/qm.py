"""GFN1-xTB, GFN2-xTB and EMT through ASE alone, on structures without symmetry: `OMP_NUM_THREADS=1 python qm.py > qm.json`."""
import json
import platform
import sys
from importlib.metadata import version

import numpy as np
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.emt import EMT
from tblite.ase import TBLite

rng = np.random.default_rng(11)


def crooked(atoms, stdev=0.08):
    atoms.rotate(37, (1, 2, 3))
    atoms.positions += rng.normal(0, stdev, atoms.positions.shape)
    return atoms


water = crooked(molecule("H2O"))
thiol = crooked(molecule("CH3SH"))
ammonium = crooked(Atoms("NH4", [[0, 0, 0], [0.6, 0.6, 0.6], [-0.6, -0.6, 0.6], [-0.6, 0.6, -0.6], [0.6, -0.6, -0.6]]))
methyl = crooked(molecule("CH3"))
oxygen = crooked(molecule("O2"))
ice = Atoms("OHHOHH", np.vstack([molecule("H2O").positions, molecule("H2O").positions + [2.6, 0.9, 1.7]]),
            cell=[[5.3, 0.3, -0.2], [0.5, 4.9, 0.4], [-0.3, 0.2, 5.6]], pbc=True)
ice.positions += rng.normal(0, 0.05, ice.positions.shape)
cluster = crooked(Atoms("Cu4N2", [[0, 0, 0], [2.5, 0.2, 0], [0.9, 2.4, 0.3], [1.2, 0.8, 2.1], [1.1, 0.9, -1.2], [3.1, 2.0, 1.0]]))
crystal = bulk("Cu", cubic=True, a=3.7).repeat((2, 2, 1))
crystal.cell += np.array([[0.2, 0.1, 0], [0, -0.1, 0.2], [0.1, 0, 3.5]])
crystal.positions += rng.normal(0, 0.06, crystal.positions.shape)

WARM = {"electronic_temperature": 1000.0}
ASKED = [
    ("water", water, "gfn2-xtb", {}, 0, 1),
    ("water", water, "gfn1-xtb", {}, 0, 1),
    ("methanethiol, accuracy 0.01", thiol, "gfn2-xtb", {"accuracy": 0.01, "max_iterations": 100}, 0, 1),
    ("ammonium, a cation", ammonium, "gfn2-xtb", {}, 1, 1),
    ("methyl, a doublet", methyl, "gfn2-xtb", {}, 0, 2),
    ("methyl, an anion", methyl, "gfn1-xtb", {}, -1, 1),
    ("dioxygen, a triplet", oxygen, "gfn1-xtb", {}, 0, 3),
    ("two waters in a crooked cell", ice, "gfn2-xtb", {}, 0, 1),
    ("copper cluster with nitrogen, warm electrons", cluster, "gfn1-xtb", WARM, 0, 1),
    ("copper crystal, warm electrons", crystal, "gfn1-xtb", WARM, 0, 1),
    ("copper crystal", crystal, "ase-emt", {}, None, None),
    ("copper cluster with nitrogen", cluster, "ase-emt", {"asap_cutoff": True}, None, None),
]
METHODS = {"gfn2-xtb": "GFN2-xTB", "gfn1-xtb": "GFN1-xTB"}

cases = []
for name, atoms, engine, options, charge, multiplicity in ASKED:
    if engine == "ase-emt":
        atoms.calc = EMT(**options)
    else:
        atoms.calc = TBLite(method=METHODS[engine], verbosity=0, charge=charge, multiplicity=multiplicity, **options)
    cases.append({
        "name": name,
        "engine": engine,
        "options": options,
        "charge": charge,
        "multiplicity": multiplicity,
        "symbols": atoms.get_chemical_symbols(),
        "positions": atoms.positions.tolist(),
        "cell": atoms.cell[:].tolist(),
        "pbc": atoms.pbc.tolist(),
        "energy": float(atoms.get_potential_energy()),
        "energies": atoms.get_potential_energies().tolist(),
        "forces": atoms.get_forces().tolist(),
        "stress": atoms.get_stress().tolist() if atoms.pbc.all() else None,
        "charges": atoms.get_charges().tolist() if engine != "ase-emt" else None,
    })
made_with = {"python": platform.python_version(), **{name: version(name) for name in ("ase", "tblite", "numpy")}}
json.dump({"made_with": made_with, "cases": cases}, sys.stdout)
