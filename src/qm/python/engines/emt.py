"""Effective medium theory by ASE."""
from . import version
from .through_ase import answered, atoms_of


def opened(name, options):
    return {"version": f"ASE {version('ase')}"}


def calculate(name, request):
    from ase.calculators.emt import EMT

    return answered(EMT(**request["options"]), atoms_of(request), request["properties"])
