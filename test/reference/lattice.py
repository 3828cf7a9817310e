"""Lattice constants and bulk moduli of ASE's EMT: writes lattice.json beside itself. Run: python lattice.py (ASE 3.28, scipy).

a is the root of the analytical pressure; B = -V dp/dV by central differences of it: another way than ours, which has energies only.
"""
import json
from pathlib import Path

import ase
import scipy
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.units import GPa
from scipy.optimize import brentq

CASES = [("Cu", "fcc", 3.6), ("Al", "fcc", 4.0), ("Au", "fcc", 4.06), ("Pt", "fcc", 3.92), ("Ni", "bcc", 2.8), ("Cu", "sc", 2.4)]


def pressure(element, crystal, a):
    atoms = bulk(element, crystal, a=a)
    atoms.calc = EMT()
    return -atoms.get_stress()[:3].mean(), atoms


rows = []
for element, crystal, guess in CASES:
    a = brentq(lambda x: pressure(element, crystal, x)[0], 0.97 * guess, 1.03 * guess, xtol=1e-13)
    h = 1e-4
    slope = (pressure(element, crystal, a + h)[0] - pressure(element, crystal, a - h)[0]) / (2 * h)
    energy = pressure(element, crystal, a)[1].get_potential_energy()
    rows.append({"element": element, "crystal": crystal, "a": a, "energyPerAtom": energy, "bulkModulus": -a / 3 * slope / GPa})
    print(rows[-1])
out = {"made_by": {"ase": ase.__version__, "scipy": scipy.__version__}, "units": "Å, eV, GPa", "rows": rows}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
