"""Hartree-Fock and density functional theory by PySCF. Its own units are Hartree and Bohr."""
import warnings

from . import Refused, Unconverged, version
from .through_ase import triples

# Of the basis, with which the integrals are kept rather than calculated anew at each cycle: 2 GB.
KEPT = 200


def opened(name, options):
    release = version("pyscf")
    from pyscf.data.elements import ELEMENTS

    functional(options)
    basis = options["basis"]
    known = [z for z in range(1, len(ELEMENTS)) if shells(basis, ELEMENTS[z])]
    if not known:
        raise Refused(f'its basis is "{basis}", which PySCF does not know; give one such as 6-31g* or def2-svp')
    return {"version": f"PySCF {release}", "elements": known}


def functional(options):
    """The functional, None for Hartree-Fock."""
    from pyscf.dft import libxc

    xc = options.get("xc")
    if xc is None:
        return None
    try:
        hybrid, parts = libxc.parse_xc(xc)
    except (KeyError, ValueError) as error:
        raise Refused(f'its xc is "{xc}", which PySCF does not know; give one such as pbe or b3lyp') from error
    if not any(hybrid) and not parts:
        raise Refused(f'its xc is "{xc}", which is no functional; give one such as pbe or b3lyp')
    if "-d3" in xc.lower() or "-d4" in xc.lower():
        version("pyscf-dispersion", "pyscf.dispersion")
    return xc


def shells(basis, element, load="load"):
    """What PySCF's library has for an element, or its effective core potential with `load` "load_ecp"; None without."""
    from pyscf import gto

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(gto.basis, load)(basis, element) or None
    except Exception:
        return None


def calculate(name, request):
    from pyscf import lib
    from pyscf.data.nist import BOHR, HARTREE2EV

    # It sizes its blocks, and so the order of its sums, by the memory that is free: a result would depend on what was calculated before.
    lib.current_memory = lambda: (0.0, 0.0)
    field = solved(request)
    answer = {"energy": field.e_tot * HARTREE2EV}
    if "forces" in request["properties"]:
        gradient = field.nuc_grad_method()
        gradient.verbose = 0
        # The grid moves with the atoms; where that has no derivative in PySCF, forces are those of a grid at rest.
        if hasattr(field, "xc") and not field.do_nlc():
            gradient.grid_response = True
        answer["forces"] = -gradient.kernel() * (HARTREE2EV / BOHR)
    if "charges" in request["properties"]:
        answer["charges"] = field.mulliken_pop(verbose=0)[1]
    return answer


def solved(request):
    """The self-consistent field."""
    import numpy

    options, guess = request["options"], request.get("guess") or {"from": None, "to": None}
    field = prepared(request, options)
    start = numpy.load(guess["from"]) if guess["from"] else None
    field.kernel(dm0=start)
    if not field.converged:
        raise Unconverged(f"the self-consistent field did not converge in {field.max_cycle} cycles")
    if guess["to"]:
        with open(guess["to"], "wb") as file:
            numpy.save(file, numpy.asarray(field.make_rdm1()))
    return field.undo_soscf() if options.get("newton") else field


def prepared(request, options):
    """The same before it is solved."""
    from pyscf import dft, gto, lib, scf

    lib.num_threads(request["threads"])
    symbols = [gto.mole._symbol(z) for z in request["numbers"]]
    cores = {s: shells(options["basis"], s, "load_ecp") for s in sorted(set(symbols))}
    molecule = gto.Mole(
        atom=list(zip(symbols, triples(request["positions"]))),
        unit="Angstrom",
        basis=options["basis"],
        ecp={s: core for s, core in cores.items() if core},
        charge=request["charge"],
        spin=request["multiplicity"] - 1,
        verbose=0,
        max_memory=4000,
    )
    molecule.build(dump_input=False, parse_arg=False)
    xc = functional(options)
    open_shell = request["multiplicity"] > 1
    if xc is None:
        field = (scf.UHF if open_shell else scf.RHF)(molecule)
    else:
        field = (dft.UKS if open_shell else dft.RKS)(molecule, xc=xc)
        field.grids.level = options["grid"]
    if options.get("density_fitting"):
        field = field.density_fit()
    field.chkfile = None
    field._is_mem_enough = lambda: molecule.nao <= KEPT
    field.conv_tol = options["conv_tol"]
    field.max_cycle = options["max_cycle"]
    field.level_shift = options["level_shift"]
    field.damp = options["damping"]
    field.init_guess = options["init_guess"]
    return field.newton() if options.get("newton") else field
