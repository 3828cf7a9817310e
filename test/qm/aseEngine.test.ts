import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { EngineSpec } from "../../src/calculators/calculator.ts";
import { checkCalculator } from "../../src/calculators/check.ts";
import { aseCalculator } from "../../src/qm/aseEngine.ts";
import { Unconverged } from "../../src/qm/engine.ts";
import { checkedSpec, openEngine, withAgreedState } from "../../src/qm/engines.ts";
import { settingsOf } from "../../src/qm/image.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";

const argon = structure({ symbols: ["Ar", "Ar", "Ar"], positions: [0, 0, 0, 3.9, 0.2, -0.1, 1.8, 3.5, 0.3] });
const crystal: Structure = { ...argon, cell: Float64Array.of(7, 0.3, 0, 0.1, 8, 0, 0, 0.4, 7.5), pbc: [true, true, true] };
const waters = structure({
  symbols: ["O", "H", "H", "O", "H", "H"],
  positions: [0, 0, 0, 0.76, 0.58, 0.05, -0.75, 0.6, -0.02, 0.4, 2.9, 0.3, 1.1, 3.5, 0.2, -0.4, 3.4, 0.6],
});
const copper = structure({ symbols: ["Cu", "N", "Cu"], positions: [0, 0, 0, 1.3, 1.2, 0.1, 2.4, -0.2, 0.4] });
const LJ = { epsilon: 0.0104, sigma: 3.4, rc: 12 };

describe("any calculator of ASE", () => {
  const kept: [EngineSpec, Structure[]][] = [
    [aseCalculator("lj", { ...LJ, smooth: true }), [argon, crystal]],
    [aseCalculator("ase.calculators.morse.MorsePotential", { epsilon: 0.3, r0: 3.6 }), [argon]],
    [aseCalculator("emt"), [copper]],
  ];
  for (const [spec, structures] of kept) {
    it(`${spec.calculator}: the contract`, async (test) => {
      const engine = await openEngine(spec);
      test.after(engine.close);
      const { checks } = await checkCalculator(engine, structures, { coordinates: 3 });
      assert.deepEqual(
        checks.filter(({ ok }) => !ok),
        [],
      );
      assert.match(engine.version, /^ASE \d+\.\d+\.\d+$/);
    });
  }

  it("the dimer of Lennard and Jones, in numbers that a pencil gives", async (test) => {
    const engine = await openEngine(aseCalculator("lj", LJ));
    test.after(engine.close);
    const r = 3.4 * 2 ** (1 / 6);
    const { energy, forces = [] } = await engine.calculate(structure({ symbols: ["Ar", "Ar"], positions: [0, 0, 0, 0, 0, r] }), ["forces"]);
    // The pair's energy is shifted to be zero at the cutoff.
    const tail = 4 * LJ.epsilon * ((3.4 / 12) ** 12 - (3.4 / 12) ** 6);
    assert.ok(Math.abs(energy + LJ.epsilon + tail) < 1e-12); // rounding
    assert.ok(Math.abs(forces[5]) < 1e-12); // rounding
  });

  it("TIP3P gives energy and forces, and says before it runs that it gives no stress", async (test) => {
    const engine = await openEngine(aseCalculator("tip3p", { rc: 4.5 }));
    test.after(engine.close);
    assert.deepEqual(engine.properties, ["energy", "forces"]);
    const { forces = new Float64Array(0) } = await engine.calculate(waters, ["forces"]);
    assert.equal(forces.length, 18);
    for (const k of [0, 1, 2]) assert.ok(Math.abs(forces.reduce((sum, f, i) => (i % 3 === k ? sum + f : sum), 0)) < 1e-10); // rounding
    const message = "ase tip3p does not give stress; it gives energy, forces";
    await assert.rejects(engine.calculate(waters, ["stress"]), { name: "RangeError", message });
  });

  const refused: [string, EngineSpec, string, RegExp][] = [
    ["no calculator", { engine: "ase" }, "RangeError", /^ase needs the option calculator; give a name of ASE such as "lj", or "package/],
    ["no name at all", aseCalculator("a b"), "RangeError", /^ase's option calculator is "a b"; give a name of ASE such as/],
    [
      "a name that ASE does not know",
      aseCalculator("lennard"),
      "RangeError",
      /^ase: its calculator is "lennard", which ASE does not know; /,
    ],
    [
      "a class that is not there",
      aseCalculator("ase.calculators.lj.Lennard"),
      "RangeError",
      /there is no Lennard in ase\.calculators\.lj$/,
    ],
    [
      "a package that is not there",
      aseCalculator("absent.Thing"),
      "Error",
      /^ase needs absent, which .* cannot import; .* pip install absent, or name the folder of a module of your own in PYTHONPATH$/,
    ],
    ["an argument it does not know", aseCalculator("lj", { sgma: 2 }), "RangeError", /^ase: lj has no argument sgma; it has .*sigma/],
    [
      "arguments it does not take",
      aseCalculator("tip3p", { rc: 4, x: 1 }),
      "RangeError",
      /^ase: tip3p cannot be made with these arguments \(/,
    ],
    ...[{ charge: 0.5 }, { charge: null }, { mult: 0 }].map((args): [string, EngineSpec, string, RegExp] => [
      `${JSON.stringify(args)} as state`,
      aseCalculator("lj", args),
      "RangeError",
      /^ase's option arguments is .*; give a whole number of /,
    ]),
    ...[{ Hamiltonian_Charge: -1 }, { input_data: { system: { tot_charge: 1 } } }, { nelect: 7 }].map(
      (args): [string, EngineSpec, string, RegExp] => [
        `${JSON.stringify(args)}, the same for all structures,`,
        aseCalculator("lj", args),
        "RangeError",
        /; give the total charge by an argument called charge, or a class of your own that has one: it is each structure's own$/,
      ],
    ),
    [
      "arguments that are no block",
      { engine: "ase", calculator: "lj", arguments: 3 },
      "RangeError",
      /arguments is 3; give a block such as/,
    ],
  ];
  for (const [what, spec, name, message] of refused) {
    it(`${what} is refused before anything runs`, async () => {
      await assert.rejects(openEngine(spec), { name, message });
    });
  }

  it("a charge that would go unheard is refused", async (test) => {
    const engine = await openEngine(aseCalculator("lj"));
    test.after(engine.close);
    for (const [state, message] of [
      [{ charge: 1 }, "Ar3 has a charge of 1, and the arguments of lj hand it none; name charge among them if it takes one"],
      [
        { multiplicity: 3 },
        "Ar3 has a multiplicity of 3, and the arguments of lj hand it none; name multiplicity among them if it takes one",
      ],
    ] as const) {
      assert.throws(() => engine.accepts({ ...argon, ...state }), { name: "RangeError", message });
      await assert.rejects(engine.calculate({ ...argon, ...state }, ["energy"]), { name: "RangeError", message });
    }
    engine.accepts({ ...argon, charge: 0, multiplicity: 1 });
    // One unpaired electron is the lowest that an odd number allows.
    engine.accepts({ ...structure({ symbols: ["Cu"], positions: [0, 0, 0] }), multiplicity: 2 });
  });

  it("a specification survives JSON", () => {
    const spec = aseCalculator("lj", LJ);
    assert.deepEqual(checkedSpec(JSON.parse(JSON.stringify(spec)) as EngineSpec), { engine: "ase", calculator: "lj", arguments: LJ });
    assert.deepEqual(aseCalculator("emt"), { engine: "ase", calculator: "emt" });
  });
});

describe("a calculator of one's own", () => {
  const folder = mkdtempSync(join(tmpdir(), "qmml calculator "));
  const path = process.env.PYTHONPATH;
  before(() => {
    // Its free energy is not its energy, it remembers, and it does not always converge.
    writeFileSync(
      join(folder, "spring.py"),
      `from pathlib import Path
from ase.calculators.calculator import Calculator, FileIOCalculator, OldShellProfile, SCFError, StandardProfile
class Spring(Calculator):
    implemented_properties = ["energy", "free_energy", "forces"]
    seen = 0
    def __init__(self, k=1.0, **rest):
        super().__init__(**rest)
        self.k = k
    def calculate(self, atoms, properties, changes):
        super().calculate(atoms, properties, changes)
        self.seen += 1
        if len(atoms) == 2:
            raise SCFError("SCF has not converged")
        energy = self.k * (atoms.positions**2).sum() / 2 + (self.seen - 1)
        self.results = {"energy": energy + 7, "free_energy": energy, "forces": -self.k * atoms.positions}
class Blind(Calculator):
    implemented_properties = ["energy", "dipole"]
class Ion(Calculator):
    implemented_properties = ["energy", "forces"]
    def __init__(self, charge=0, mult=None, file=None, command=None):
        super().__init__()
        self.state = charge, mult
        self.command = command
    def calculate(self, atoms, properties, changes):
        super().calculate(atoms, properties, changes)
        charge, mult = self.state
        self.results = {"energy": 1000 * charge + (mult or 0)}
        if len(atoms) == 1:
            self.results["forces"] = 0 * atoms.positions
class Program(FileIOCalculator):
    implemented_properties = ["energy", "forces"]
    fileio_rules = FileIOCalculator.ruleset(stdout_name="program.out")
    def __init__(self, command, shell=False):
        super().__init__(profile=OldShellProfile(command) if shell else StandardProfile(command))
    def write_input(self, atoms, properties=None, system_changes=None):
        super().write_input(atoms, properties, system_changes)
        self.folder("input.txt").write_text("")
    def folder(self, name):
        return Path(self.directory) / name
`,
    );
    process.env.PYTHONPATH = folder;
  });
  after(() => {
    rmSync(folder, { recursive: true });
    if (path === undefined) delete process.env.PYTHONPATH;
    else process.env.PYTHONPATH = path;
  });

  it("is made anew for each calculation; the energy is that of which forces are the derivative; its text is its version", async (test) => {
    const engine = await openEngine(aseCalculator("spring.Spring", { k: 2 }));
    test.after(engine.close);
    const one = structure({ symbols: ["Ar"], positions: [1, 2, 3] });
    for (let k = 0; k < 2; k++) {
      const { energy, forces } = await engine.calculate(one, ["forces"]);
      assert.deepEqual([energy, ...(forces ?? [])], [14, -2, -4, -6]);
    }
    assert.match(engine.version, /^spring [0-9a-f]{12}, ASE \d+\.\d+\.\d+$/);
  });

  it("is told from what fails where it does not converge", async (test) => {
    const engine = await openEngine(aseCalculator("spring.Spring"));
    test.after(engine.close);
    const two = structure({ symbols: ["Ar", "Ar"], positions: [0, 0, 0, 0, 0, 3] });
    await assert.rejects(engine.calculate(two, ["energy"]), (error) => {
      return error instanceof Unconverged && error.message.startsWith("ase did not converge for Ar2: SCF has not converged; ");
    });
  });

  it("is given the charge and the multiplicity of each structure by the arguments that are named so", async (test) => {
    const one = structure({ symbols: ["Ar"], positions: [0, 0, 0] });
    const energyOf = async (args: object, state: Partial<Structure>): Promise<number> => {
      const engine = await openEngine(aseCalculator("spring.Ion", { ...args }));
      test.after(engine.close);
      return (await engine.calculate({ ...one, ...state }, ["forces"])).energy;
    };
    assert.equal(await energyOf({ charge: -1 }, {}), -1000);
    assert.equal(await energyOf({ charge: -1 }, { charge: 0 }), 0);
    assert.equal(await energyOf({ charge: -1, mult: 1 }, { charge: 1, multiplicity: 2 }), 1002);
    assert.equal(await energyOf({ charge: -1, mult: 2 }, {}), -998);
  });

  it("states what a study's structure does not, and identifies images by the structure's charge, not by the argument", () => {
    const spec = aseCalculator("spring.Ion", { charge: -1, mult: 2 });
    assert.deepEqual(withAgreedState(argon, spec), { ...argon, charge: -1, multiplicity: 2 });
    assert.throws(
      () => withAgreedState({ ...argon, charge: 0 }, spec),
      /the structure's file states a charge of 0, the engine's options one of -1/,
    );
    assert.equal(settingsOf(spec, "1"), settingsOf(aseCalculator("spring.Ion", { charge: 0, mult: 2 }), "1"));
  });

  it("that fails is told with what may help: a program, its last words, or what it does not calculate", async (test) => {
    const failures: [EngineSpec, string, RegExp][] = [
      [
        aseCalculator("spring.Ion"),
        "Error",
        /^ase failed for Ar2: forces not present in this calculation; choose options with which it calculates that$/,
      ],
      [
        aseCalculator("spring.Program", { command: "qmml-absent" }),
        "EngineLoss",
        /^ase failed for Ar2: its program is not installed: .*'qmml-absent'; install it, or give its command as ASE's documentation says$/,
      ],
      [
        aseCalculator("spring.Program", { command: "qmml-absent 2> error", shell: true }),
        "EngineLoss",
        /^ase failed for Ar2: its program is not installed: .* error code 127; install it, or/,
      ],
      [
        aseCalculator("spring.Program", { command: "sh -c 'echo one; echo two words; exit 3'" }),
        "Error",
        /^ase failed for Ar2: Calculator .*; it wrote "one \/ two words"; check its input and the geometry$/,
      ],
      [
        aseCalculator("spring.Program", { command: `sh -c 'echo SCF has not con""verged; exit 3'` }),
        "Unconverged",
        /^ase did not converge for Ar2: .*; it wrote "SCF has not converged"; /,
      ],
    ];
    const two = structure({ symbols: ["Ar", "Ar"], positions: [0, 0, 0, 0, 0, 3] });
    for (const [spec, name, message] of failures) {
      const engine = await openEngine(spec);
      test.after(engine.close);
      await assert.rejects(engine.calculate(two, ["forces"]), { name, message });
    }
  });

  it("is refused without forces", async () => {
    const message = "ase: spring.Blind gives energy; a calculator must give energy and forces";
    await assert.rejects(openEngine(aseCalculator("spring.Blind")), { name: "RangeError", message });
  });
});
