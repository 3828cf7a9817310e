"""Small molecules of ASE's G2 set (MP2(full)/6-31G(d) geometries): `python molecules.py > molecules.json`."""
import json
import sys

import ase
from ase.collections import g2

NAMES = [
    "C6H6", "butadiene", "C2H4", "CH3CN", "CH3CONH2", "HCOOCH3", "CH3COOH", "CH3NO2", "C2H6SO", "C3H6_D3h", "cyclobutane",
    "C5H5N", "C4H4S", "trans-butane", "CH3CH2NH2", "CH3SiH3", "Si2H6", "C3H7",
]
molecules = {name: {"numbers": g2[name].numbers.tolist(), "positions": g2[name].positions.round(6).ravel().tolist()} for name in NAMES}
json.dump({"made_with": {"ase": ase.__version__}, "molecules": molecules}, sys.stdout)
