"""GFN1-xTB and GFN2-xTB by tblite."""
from . import version
from .through_ase import answered, atoms_of

METHODS = {"gfn2-xtb": "GFN2-xTB", "gfn1-xtb": "GFN1-xTB"}


def opened(name, options):
    ase = version("ase")
    return {"version": f"tblite {version('tblite', 'tblite.ase')}, ASE {ase}"}


def calculate(name, request):
    from tblite.ase import TBLite

    state = {"charge": request["charge"], "multiplicity": request["multiplicity"]}
    calculator = TBLite(method=METHODS[name], verbosity=0, **state, **request["options"])
    guess = request.get("guess") or {"from": None, "to": None}
    if guess["from"]:
        from tblite.interface import Result

        calculator._res = Result()
        calculator._res.load(guess["from"])
        # It would throw the wave function away, because it has not seen these atoms before.
        calculator._check_api_calculator = lambda changes: None
    answer = answered(calculator, atoms_of(request), request["properties"])
    if guess["to"]:
        calculator._res.save(guess["to"])
    return answer
