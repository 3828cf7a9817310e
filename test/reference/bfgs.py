"""ASE's BFGS on EMT, step by step: writes bfgs.json beside itself. Run: python bfgs.py (ASE 3.28, numpy)."""
import json
from pathlib import Path

import ase
import numpy as np
from ase.build import add_adsorbate, bulk, fcc100, fcc111
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS


def study_a():
    slab = fcc100("Cu", (6, 6, 4), a=3.5898, vacuum=8)
    add_adsorbate(slab, "N", 1.4, "hollow")
    slab.set_constraint(FixAtoms(mask=slab.get_tags() == 4))
    return slab


def rattled_bulk():
    atoms = bulk("Cu", cubic=True, a=3.62).repeat((2, 2, 1))
    atoms.rattle(0.12, seed=3)
    return atoms


def co_on_cu111():
    slab = fcc111("Cu", (2, 2, 3), a=3.61, vacuum=7)
    add_adsorbate(slab, "C", 1.3, "fcc")
    add_adsorbate(slab, "O", 2.45, "fcc", offset=(0.005, 0.002))
    slab.set_constraint(FixAtoms(mask=slab.get_tags() == 3))
    return slab


def capped():
    """A dimer far too close: the first steps are shortened to maxstep."""
    return ase.Atoms("CuAuN", positions=[[0, 0, 0], [0.3, 0.4, 1.7], [1.9, -0.2, 0.6]])


def negative():
    """Atoms pulled beyond the inflection point of the pair curve: the first curvature learnt is negative."""
    return ase.Atoms("Cu3", positions=[[0, 0, 0], [0.2, 0.1, 3.3], [2.9, 0.4, 1.2]])


def relaxed(atoms, **options):
    atoms.calc = EMT()
    fmax = options.pop("fmax", 0.05)
    dynamics = BFGS(atoms, logfile=None, **options)
    steps = []

    def record():
        omega = [] if dynamics.H is None else np.linalg.eigvalsh(dynamics.H)
        steps.append(
            {
                "energy": float(atoms.get_potential_energy()),
                "positions": atoms.get_positions().ravel().tolist(),
                "forces": atoms.get_forces(apply_constraint=False).ravel().tolist(),
                "least_curvature": float(min(omega)) if len(omega) else None,
            }
        )

    dynamics.attach(record)
    converged = dynamics.run(fmax=fmax, steps=200)
    fixed = atoms.constraints[0].index.tolist() if atoms.constraints else []
    return {
        "symbols": atoms.get_chemical_symbols(),
        "cell": atoms.cell[:].ravel().tolist(),
        "pbc": atoms.pbc.tolist(),
        "fixed": fixed,
        "fmax": fmax,
        **options,
        "converged": bool(converged),
        "steps": steps,
    }


cases = {
    "Cu(100) + N, bottom layer fixed": relaxed(study_a()),
    "rattled bulk Cu": relaxed(rattled_bulk(), fmax=0.002),
    "CO on Cu(111)": relaxed(co_on_cu111(), fmax=0.01),
    "steps capped by maxstep": relaxed(capped(), fmax=0.01, maxstep=0.05, alpha=30.0),
    "negative curvature": relaxed(negative(), fmax=0.01),
}
for name, case in cases.items():
    print(name, len(case["steps"]), case["steps"][-1]["energy"], min(s["least_curvature"] or 99 for s in case["steps"]))
out = {"made_by": {"ase": ase.__version__, "numpy": np.__version__}, "units": "eV, Å", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
