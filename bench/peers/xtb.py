"""ASE and tblite: GFN2-xTB energy and forces of the structures in a JSON file by Python's own pool of one process and of two, each on one thread."""
import json
import os
import sys
from multiprocessing import get_context

os.environ["OMP_NUM_THREADS"] = "1"
from importlib.metadata import version

from ase import Atoms
from tblite.ase import TBLite

from rounds import serve


def energy(s):
    atoms = Atoms(s["symbols"], positions=s["positions"])
    atoms.calc = TBLite(method="GFN2-xTB", verbosity=0)
    atoms.get_forces()
    return atoms.get_potential_energy()


if __name__ == "__main__":
    structures = json.load(open(sys.argv[1]))
    context = get_context("spawn")
    with context.Pool(1) as one, context.Pool(2) as two:
        pools = {"one": one, "two": two}
        cases = {name: lambda pool=pool: pool.map(energy, structures, chunksize=1) for name, pool in pools.items()}
        serve(cases, versions={"ASE": version("ase"), "tblite": version("tblite")}, energies=cases["two"]())
