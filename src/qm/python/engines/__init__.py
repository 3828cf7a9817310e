"""One file an engine. Each has two functions:

    opened(name, options)     what is known before there is a structure: its version, the properties that these options allow (None: those of
                              its description), and the elements that it can calculate (None: its description says)
    calculate(name, request)  the properties asked and the energy, in eV, Angstrom and e

Where a request has a "guess", the engine starts from what lies at its "from", unless that is None, and leaves at "to" what the next may start
from. Apart from that nothing is kept between calculations.
"""
from importlib import import_module, metadata

FILES = {
    "ase-emt": "emt",
    "gfn1-xtb": "xtb",
    "gfn2-xtb": "xtb",
    "pyscf": "pyscf",
    "gpaw": "gpaw",
    "ase": "named",
}


class Missing(Exception):
    """A package cannot be imported; its name is the message."""


class Refused(Exception):
    """The input's fault."""


class Absent(Exception):
    """A program that the engine calls cannot be started."""


class Lacking(Exception):
    """A property that these options do not give."""


class Failed(Exception):
    """A program that the engine calls has failed; the message says what it wrote last."""


class Unconverged(Exception):
    """No self-consistent solution; other options may help."""


def engine(name):
    """The module of an engine."""
    return import_module(f"{__name__}.{FILES[name]}")


def version(package, module=None):
    """The version of an installed package that can be imported."""
    try:
        import_module(module or package)
        return metadata.version(package)
    except Exception as error:
        raise Missing(package) from error
