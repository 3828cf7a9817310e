"""Density functional theory with projector-augmented waves by GPAW."""
import os
import re

from . import Refused, Unconverged, version
from .through_ase import answered, atoms_of

def opened(name, options):
    release = version("gpaw")
    data = version("gpaw-data", "gpaw_data")
    from gpaw.xc import XC

    xc = options["xc"]
    try:
        made_for = XC(xc).get_setup_name()
    except Exception as error:
        raise Refused(f'its xc is "{xc}", which this GPAW does not have; give LDA, PBE, RPBE or revPBE') from error
    known = elements(made_for)
    if options["mode"] == "lcao":
        known &= elements(f"{options['basis']}.basis")
    if not known:
        raise Refused(f'it has no setups for xc "{xc}" with basis "{options["basis"]}"; give PBE and dzp')
    from ase.data import atomic_numbers

    stress = ["stress"] if options["mode"] == "pw" else []
    versions = f"GPAW {release}, gpaw-data {data}, ASE {version('ase')}"
    return {"version": versions, "properties": ["energy", "forces", *stress], "elements": sorted(atomic_numbers[e] for e in known)}


def elements(ending):
    """Symbols for which GPAW's data has a file with that ending."""
    from gpaw import setup_paths

    names = (file for path in setup_paths if os.path.isdir(path) for file in os.listdir(path))
    found = (re.match(rf"^([A-Z][a-z]?)\.{re.escape(ending)}(\.gz)?$", file) for file in names)
    return {match.group(1) for match in found if match}


def calculate(name, request):
    from gpaw import GPAW

    options, guess = request["options"], request.get("guess") or {"from": None, "to": None}
    atoms = placed(atoms_of(request), options)
    if guess["from"]:
        calculator = GPAW(guess["from"], txt=None, maxiter=options["max_iterations"])
    else:
        calculator = GPAW(**parameters(atoms, request, options))
    if options["spin_polarized"]:
        atoms.set_initial_magnetic_moments([(request["multiplicity"] - 1) / len(atoms)] * len(atoms))
    # Forces and stress are derivatives of the free energy.
    try:
        answer = answered(calculator, atoms, request["properties"], "free_energy")
    except Unconverged as error:
        raise Unconverged(f"the density did not converge in {options['max_iterations']} iterations") from error
    if guess["to"]:
        calculator.write(guess["to"], mode="all")
    return answer


def placed(atoms, options):
    """The atoms in a cell with a margin of `vacuum` in the directions that do not repeat, in which lengths are multiples of 4 grid spacings
    and atoms keep their place on the grid: energies do not jump from step to step."""
    import numpy

    step = 4 * options["h"]
    along = ~atoms.pbc
    if not along.any():
        return atoms
    cell = atoms.cell[:].copy()
    cell[along] = 0
    axes = type(atoms.cell)(cell).complete()
    cell = axes[:].copy()
    for k in numpy.flatnonzero(along):
        direction = axes[k] / numpy.linalg.norm(axes[k])
        heights = atoms.positions @ direction
        low = numpy.floor((heights.min() - options["vacuum"]) / step) * step
        high = numpy.ceil((heights.max() + options["vacuum"]) / step) * step
        cell[k] = direction * (high - low)
        atoms.positions -= low * direction
    atoms.cell = cell
    return atoms


def parameters(atoms, request, options):
    """GPAW's own."""
    mode = options["mode"]
    convergence = {"density": options["conv_density"]}
    occupations = {"name": "fermi-dirac", "width": options["smearing"]}
    if options["spin_polarized"]:
        occupations["fixmagmom"] = True
    chosen = {
        "mode": {"name": "pw", "ecut": options["ecut"]} if mode == "pw" else {"name": mode},
        "h": options["h"],
        "xc": options["xc"],
        "kpts": [k if repeats else 1 for k, repeats in zip(options["kpts"], atoms.pbc)],
        "charge": request["charge"],
        "spinpol": options["spin_polarized"],
        "occupations": occupations,
        "convergence": convergence,
        "maxiter": options["max_iterations"],
        # Found in one geometry it would be missed in the next.
        "symmetry": {"point_group": False},
        "txt": None,
    }
    if mode == "lcao":
        chosen["basis"] = options["basis"]
    if "mixing" in options:
        backend = {"backend": "pulay", "method": "sum" if options["spin_polarized"] else "separate"}
        chosen["mixer"] = {**backend, **options["mixing"]}
    return chosen
