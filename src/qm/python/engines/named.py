"""Any calculator of ASE's kind, by name and arguments."""
import hashlib
import inspect
import re
import subprocess
import tempfile
import time
import traceback
from importlib import import_module, metadata
from pathlib import Path

from . import Absent, Failed, Missing, Refused, Unconverged, version
from .through_ase import UNCONVERGED, answered, atoms_of

# Arguments that are the structure's own, and what a request calls them.
STATE = {"charge": "charge", "multiplicity": "multiplicity", "mult": "multiplicity"}

# What programs write to, by the names that ASE gives their files.
OUTPUT = re.compile(r"\.(out|log|err|nwo|pwo|abo|stdout|stderr|txt)$|^OUTCAR$")

KNOWN = ("energy", "energies", "forces", "stress", "charges")


def opened(name, options):
    ase = version("ase")
    calculator = made(options)
    able = [p for p in KNOWN if p in calculator.implemented_properties]
    if "energy" not in able or "forces" not in able:
        raise Refused(f"{options['calculator']} gives {' and '.join(able) or 'nothing that is known here'}; a calculator must give energy and forces")
    own = release(type(calculator))
    return {"version": own if own == f"ASE {ase}" else f"{own}, ASE {ase}", "properties": able}


def made(options):
    """A calculator of its own for each calculation."""
    calculator, arguments = options["calculator"], options.get("arguments", {})
    kind = found(calculator)
    # Many take any argument and never look at one that they do not know.
    known = getattr(kind, "default_parameters", None)
    if known and not issubclass(kind, written_to_files()):
        known = {*known, *inspect.signature(kind.__init__).parameters}
        for argument in arguments:
            if argument not in known:
                raise Refused(f"{calculator} has no argument {argument}; it has {', '.join(sorted(known - {'self', 'kwargs'}))}")
    try:
        return kind(**arguments)
    except Exception as error:
        raise Refused(f"{calculator} cannot be made with these arguments ({' '.join(str(error).split())}); see its documentation") from error


def written_to_files():
    """Calculators that call a program; the program knows more arguments than they do."""
    from ase.calculators.calculator import FileIOCalculator
    from ase.calculators.genericfileio import GenericFileIOCalculator

    return FileIOCalculator, GenericFileIOCalculator


def found(name):
    """The class by ASE's name for it, or by package, module and class."""
    from ase.calculators.calculator import get_calculator_class, names

    if "." not in name:
        if name not in names:
            raise Refused(f'its calculator is "{name}", which ASE does not know; give a name of ASE such as emt or lj, or package.module.Class')
        return get_calculator_class(name)
    module, _, kind = name.rpartition(".")
    try:
        place = import_module(module)
    except ImportError as error:
        raise Missing(module.partition(".")[0]) from error
    if not hasattr(place, kind):
        raise Refused(f'its calculator is "{name}", and there is no {kind} in {module}')
    return getattr(place, kind)


def release(kind):
    """Name and version of the package that a class is from; of a file that belongs to none, what it says itself, or the hash of its text."""
    package = kind.__module__.partition(".")[0]
    if package == "ase":
        return f"ASE {version('ase')}"
    distributions = metadata.packages_distributions().get(package, []) if hasattr(metadata, "packages_distributions") else [package]
    for distribution in distributions:
        return f"{distribution} {metadata.version(distribution)}"
    text = hashlib.sha256(inspect.getsource(import_module(kind.__module__)).encode()).hexdigest()
    return f"{package} {getattr(import_module(package), '__version__', text[:12])}"


def calculate(name, request):
    options = {**request["options"], "arguments": stated(request)}
    calculator = made(options)
    # Forces are the derivative of the free energy, where a calculator tells one from the energy.
    energy = "free_energy" if "free_energy" in calculator.implemented_properties else "energy"
    with tempfile.TemporaryDirectory(prefix="qmml-") as folder:
        # Those that call a program write files: each calculation in a folder of its own.
        if "directory" not in options["arguments"] and hasattr(type(calculator), "directory"):
            calculator.directory = folder
        began = time.time()
        try:
            return answered(calculator, atoms_of(request), request["properties"], energy)
        except Exception as error:
            raise failure(error, calculator, began) from error


def stated(request):
    """The arguments, those of charge and multiplicity as the structure has them."""
    given = request["options"].get("arguments", {})
    state = {key: request[kind] for key, kind in STATE.items() if key in given and request[kind] is not None}
    return {**given, **state}


def failure(error, calculator, began):
    """What is told of an error: whether it was a program that could not be started, or what a program wrote last."""
    message = " ".join(str(error).split())
    # What does not start says so in its parent, or makes the shell end with 127.
    unstarted = isinstance(error, OSError) and traceback.extract_tb(error.__traceback__)[-1].filename == subprocess.__file__
    if unstarted or re.search(r"error code 127\b", message) or getattr(error, "returncode", None) == 127:
        return Absent(f"its program is not installed: {message}")
    lines = last_lines(getattr(calculator, "directory", None), began)
    if type(error).__name__ not in ("CalculationFailed", "CalledProcessError") or not lines:
        return error
    if UNCONVERGED.search(lines):
        return Unconverged(f'{message}; it wrote "{lines}"')
    return Failed(f'{message}; it wrote "{lines}"')


def last_lines(folder, began):
    """The end of what was written last in a folder; a file's time is rounded."""
    if folder is None:
        return None
    files = [path for path in Path(folder).iterdir() if path.is_file() and OUTPUT.search(path.name) and path.stat().st_mtime > began - 1]
    for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
        lines = [line.strip() for line in path.read_text(errors="replace")[-2000:].splitlines() if line.strip()]
        if lines:
            return " / ".join(lines[-3:])
    return None
