"""Hartree-Fock and density functional theory by PySCF alone, on molecules without symmetry: `OMP_NUM_THREADS=1 python pyscf.py > pyscf.json`."""
import json
import platform
import sys
from importlib.metadata import version

# This file has the package's name.
sys.path.pop(0)
import numpy as np
from ase.build import molecule
from pyscf import dft, gto, scf
from pyscf.data.nist import BOHR, HARTREE2EV

rng = np.random.default_rng(23)


def crooked(name):
    atoms = molecule(name)
    atoms.rotate(37, (1, 2, 3))
    atoms.positions += rng.normal(0, 0.08, atoms.positions.shape)
    return atoms


water, thiol, methyl = (crooked(name) for name in ("H2O", "CH3SH", "CH3"))
silver = molecule("H2O")
silver.symbols = "AgHO"
silver.positions = [[0, 0, 0], [1.6, 0.3, -0.2], [-0.4, 1.9, 0.7]]
ASKED = [
    ("water, Hartree-Fock", water, {}, 0, 1),
    ("methanethiol, Hartree-Fock with density fitting", thiol, {"basis": "def2-svp", "density_fitting": True}, 0, 1),
    ("methyl, unrestricted", methyl, {"conv_tol": 1e-11}, 0, 2),
    ("water, PBE", water, {"xc": "pbe", "basis": "sto-3g"}, 0, 1),
    ("water, a cation, B3LYP", water, {"xc": "b3lyp", "basis": "sto-3g", "grid": 1}, 1, 2),
    ("silver with its core potential", silver, {"basis": "def2-svp", "max_cycle": 200}, 0, 1),
]

cases = []
for name, atoms, options, charge, multiplicity in ASKED:
    basis = options.get("basis", "6-31g*")
    core = {"Ag": basis} if "Ag" in atoms.get_chemical_symbols() else {}
    mol = gto.M(atom=list(zip(atoms.get_chemical_symbols(), atoms.positions.tolist())), basis=basis, ecp=core, charge=charge,
                spin=multiplicity - 1, verbose=0)
    if "xc" in options:
        field = (dft.UKS if multiplicity > 1 else dft.RKS)(mol, xc=options["xc"])
        field.grids.level = options.get("grid", 3)
    else:
        field = (scf.UHF if multiplicity > 1 else scf.RHF)(mol)
    if options.get("density_fitting"):
        field = field.density_fit()
    field.conv_tol = options.get("conv_tol", 1e-9)
    field.max_cycle = options.get("max_cycle", 100)
    energy = field.kernel()
    assert field.converged, name
    gradient = field.nuc_grad_method()
    if "xc" in options:
        gradient.grid_response = True
    cases.append({
        "name": name,
        "options": options,
        "charge": charge,
        "multiplicity": multiplicity,
        "symbols": atoms.get_chemical_symbols(),
        "positions": atoms.positions.tolist(),
        "energy": float(energy * HARTREE2EV),
        "forces": (-gradient.kernel() * (HARTREE2EV / BOHR)).tolist(),
        "charges": field.mulliken_pop(verbose=0)[1].tolist(),
    })
made_with = {"python": platform.python_version(), **{name: version(name) for name in ("pyscf", "numpy")}}
json.dump({"made_with": made_with, "cases": cases}, sys.stdout)
