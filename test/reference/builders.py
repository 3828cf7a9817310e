"""Structures as ASE builds them: `python builders.py > builders.json`."""
import json
import sys

import ase
import numpy as np
from ase.build import add_adsorbate, bulk, fcc100, fcc110, fcc111, molecule

cases = []


def case(build, atoms):
    cases.append({
        "build": build,
        "numbers": atoms.numbers.tolist(),
        "positions": atoms.positions.tolist(),
        "cell": atoms.cell[:].tolist(),
        "pbc": atoms.pbc.tolist(),
        "tags": atoms.get_tags().tolist(),
    })


SURFACES = {"fcc100": fcc100, "fcc110": fcc110, "fcc111": fcc111}
SITES = {
    "fcc100": ["ontop", "bridge", "hollow"],
    "fcc110": ["ontop", "longbridge", "shortbridge", "hollow"],
    "fcc111": ["ontop", "bridge", "fcc", "hcp"],
}
for name, function in SURFACES.items():
    for size, extra in [
        ((2, 3, 4), {"vacuum": 7.5}),
        ((3, 2, 1), {"vacuum": 3.0}),
        ((3, 2, 2), {"vacuum": 0.0}),
        ((1, 4, 5), {}),
        ((2, 2, 3), {"periodic": True}),
        ((2, 2, 3), {"periodic": True, "vacuum": 5.0}),
        ((3, 4, 7), {"vacuum": 6.0, "orthogonal": True}),
    ]:
        if "orthogonal" in extra and name != "fcc111":
            continue
        slab = function("Cu", size, a=3.5898, **extra)
        case({"surface": name, "symbol": "Cu", "options": {"size": size, "a": 3.5898, **extra}}, slab)
    for site in SITES[name]:
        slab = function("Pt", (2, 2, 2), vacuum=6.0)
        add_adsorbate(slab, "O", 1.3, site, offset=(1, 0.5))
        molecular = molecule("H2O")
        add_adsorbate(slab, molecular, 2.5, (0.4, 0.3))
        case({
            "surface": name, "symbol": "Pt", "options": {"size": (2, 2, 2), "vacuum": 6.0},
            "adsorbates": [
                {"symbol": "O", "options": {"height": 1.3, "site": site, "offset": (1, 0.5)}},
                {
                    "symbols": molecular.get_chemical_symbols(),
                    "positions": molecule("H2O").positions.tolist(),
                    "options": {"height": 2.5, "position": (0.4, 0.3)},
                },
            ],
        }, slab)

for symbol, options in [
    ("Cu", {}), ("Cu", {"a": 3.5898, "cubic": True}), ("Fe", {}), ("Fe", {"cubic": True}), ("Ni", {"crystal": "bcc", "a": 2.8}),
    ("Po", {}), ("Si", {}), ("Si", {"cubic": True}), ("Ti", {}), ("Cu", {"crystal": "hcp", "a": 2.55}), ("Al", {"crystal": "sc", "a": 2.7}),
]:
    arguments = {("crystalstructure" if key == "crystal" else key): value for key, value in options.items()}
    case({"bulk": symbol, "options": options}, bulk(symbol, **arguments))
case({"bulk": "Ti", "options": {}, "repeat": (2, 1, 3)}, bulk("Ti").repeat((2, 1, 3)))

json.dump({"made_with": {"ase": ase.__version__, "numpy": np.__version__}, "cases": cases}, sys.stdout)
