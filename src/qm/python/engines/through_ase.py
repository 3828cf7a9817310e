"""What the engines share that are calculators of ASE."""
import re

from . import Lacking, Refused, Unconverged

UNCONVERGED = re.compile(r"(not|n't|failed to|fails to|without) (yet )?(been )?(re|a)?(ach)?(ed )?converge|unconverged|ConvergenceError", re.IGNORECASE)


def atoms_of(request):
    """A request's structure."""
    from ase import Atoms

    positions, cell = (triples(request[key]) for key in ("positions", "cell"))
    return Atoms(request["numbers"], positions, cell=cell, pbc=request["pbc"])


def triples(flat):
    """Rows of three."""
    return [flat[k : k + 3] for k in range(0, len(flat), 3)]


def answered(calculator, atoms, properties, energy="energy"):
    """The properties by ASE's calculator; as the energy that which is called `energy`."""
    try:
        return {wanted: calculator.get_property(energy if wanted == "energy" else wanted, atoms) for wanted in properties}
    except Exception as error:
        if UNCONVERGED.search(f"{type(error).__name__} {error}"):
            raise Unconverged(str(error) or type(error).__name__) from error
        if type(error).__name__ == "InputError":
            raise Refused(str(error)) from error
        if type(error).__name__ == "PropertyNotImplementedError":
            raise Lacking(str(error)) from error
        raise
