"""The workload bench/cu20: frames, symmetry functions and layers."""
import json
import pathlib

import numpy as np
from ase import Atoms

FILE = pathlib.Path(__file__).parent.parent / "cu20" / "cu20.json"
CONTENT = json.loads(FILE.read_text())
SETTINGS = CONTENT["symmetry_functions"]
HIDDEN = CONTENT["hidden"]
FRAMES = [Atoms(i["symbols"], positions=i["positions"], cell=i["cell"], pbc=i["pbc"]) for i in CONTENT["images"]]
ENERGIES = np.array([i["energy"] for i in CONTENT["images"]])
FORCES = np.array([i["forces"] for i in CONTENT["images"]])
CUTOFF = SETTINGS["cutoff"]
"""eta (1/Å²) of the G2; (eta, zeta, gamma) of the G4."""
G2 = [eta / CUTOFF**2 for eta in SETTINGS["G2_eta"]]
G4 = [(SETTINGS["G4"]["eta"] / CUTOFF**2, zeta, gamma) for zeta in SETTINGS["G4"]["zeta"] for gamma in SETTINGS["G4"]["gamma"]]
