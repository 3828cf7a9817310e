/** What is tried after which failures, and an engine that hangs. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EngineSpec } from "../../src/calculators/calculator.ts";
import { EngineLoss, type Retry, TimedOut, Unconverged } from "../../src/qm/engine.ts";
import { openEngine, retriesOf } from "../../src/qm/engines.ts";
import { gpaw } from "../../src/qm/gpaw.ts";
import { Absurd, type FailureKind, kindOf, nextAttempt } from "../../src/qm/ladder.ts";
import { pyscf } from "../../src/qm/pyscf.ts";
import { WorkerDeath } from "../../src/qm/worker.ts";
import { gfn2Xtb } from "../../src/qm/xtb.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { until, workers } from "./workers.ts";

const RETRIES = [
  { name: "more", options: { cycles: 9 } },
  { name: "softer", options: { cycles: 9, damping: 0.1 } },
];

describe("nextAttempt", () => {
  const table: readonly (readonly [readonly FailureKind[], string | undefined, object?])[] = [
    [[], "as asked", {}],
    [["unconverged"], "more", { cycles: 9 }],
    [["failed", "absurd"], "softer", { cycles: 9, damping: 0.1 }],
    [["unconverged", "unconverged", "unconverged"], undefined],
    [["crashed"], "a fresh worker", {}],
    [["timed out", "unconverged"], "more", { cycles: 9 }],
    // A worker that is lost during a retry is replaced for that retry, and once altogether.
    [["unconverged", "crashed"], "a fresh worker", { cycles: 9 }],
    [["unconverged", "crashed", "absurd"], "softer", { cycles: 9, damping: 0.1 }],
    [["crashed", "timed out"], undefined],
    [["crashed", "unconverged", "crashed"], undefined],
    [["refused"], undefined],
    // What is over stays over.
    [["refused", "unconverged"], undefined],
    [["crashed", "crashed", "unconverged"], undefined],
  ];
  for (const [failures, name, options] of table)
    it(`${failures.join(", ") || "nothing yet"}: ${name ?? "nothing is left"}`, () => {
      const next = nextAttempt(failures, RETRIES);
      assert.deepEqual([next?.name, next?.options], [name, options]);
    });

  it("knows kinds by errors and by their causes; an engine that is gone is none", () => {
    const kinds: readonly (readonly [unknown, FailureKind | undefined])[] = [
      [new Unconverged("a"), "unconverged"],
      [new Error("a", { cause: new WorkerDeath("b") }), "crashed"],
      [new Error("a", { cause: new TimedOut("b") }), "timed out"],
      [new Absurd("a"), "absurd"],
      [new RangeError("a"), "refused"],
      [new TypeError("a"), "failed"],
      ["a", "failed"],
      [new Error("a", { cause: new EngineLoss("b") }), undefined],
    ];
    for (const [error, kind] of kinds) assert.equal(kindOf(error), kind);
  });
});

describe("what is tried for a specification", () => {
  const table: readonly (readonly [string, EngineSpec, readonly Retry["options"][]])[] = [
    [
      "as the engine has it",
      gfn2Xtb(),
      [
        { max_iterations: 1000 },
        { max_iterations: 1000, mixer_damping: 0.1 },
        { max_iterations: 1000, mixer_damping: 0.1, electronic_temperature: 2000 },
      ],
    ],
    [
      "no fewer iterations than were asked for: more of them is nothing new",
      gfn2Xtb({ maxIterations: 3000 }),
      [
        { max_iterations: 3000, mixer_damping: 0.1 },
        { max_iterations: 3000, mixer_damping: 0.1, electronic_temperature: 2000 },
      ],
    ],
    ["no cooler electrons, no weaker damping", gfn2Xtb({ electronicTemperature: 3000, mixerDamping: 0.05 }), [{ max_iterations: 1000 }]],
    ["nothing, where all was asked for", gfn2Xtb({ electronicTemperature: 2000, mixerDamping: 0.1, maxIterations: 1000 }), []],
    [
      "blocks by their parts, what was given beside them stays",
      gpaw({ maxIterations: 600, smearing: 0.5, mixing: { beta: 0.01 } }),
      [{ max_iterations: 600, mixing: { beta: 0.01, nmaxold: 5, weight: 100 } }],
    ],
    [
      "second order with at least 100 cycles",
      pyscf({ maxCycle: 500, levelShift: 0.4 }),
      [
        { max_cycle: 500, level_shift: 0.4, damping: 0.5 },
        { max_cycle: 500, level_shift: 0.4, damping: 0.5, init_guess: "atom" },
        { max_cycle: 500, newton: true, init_guess: "atom" },
      ],
    ],
  ];
  for (const [what, spec, options] of table)
    it(`${what}`, () => {
      assert.deepEqual(
        retriesOf(spec).map((r) => r.options),
        options,
      );
    });
});

describe("a calculation that takes longer than it may", () => {
  for (const tries of [1, 2])
    it(`is ended with its worker, ${tries} times of ${tries}`, async (test) => {
      const timeout = 0.3;
      const engine = await openEngine(gfn2Xtb({ accuracy: 0.0001 }), { timeout, tries });
      test.after(engine.close);
      const [first] = workers();
      const began = performance.now();
      await assert.rejects(engine.calculate(fattyAcid(150), ["forces"]), (error: Error) => {
        assert.match(error.message, /^gfn2-xtb failed for C150H300O2: it took more than 0.3 s; its process was killed$/);
        return kindOf(error) === "timed out";
      });
      assert.ok(performance.now() - began >= 1000 * timeout * tries);
      await until(() => !workers().includes(first));
    });
});
