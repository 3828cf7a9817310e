/** What is tried after which failures, and an engine that hangs. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EngineLoss, TimedOut, Unconverged } from "../../src/qm/engine.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { Absurd, type FailureKind, kindOf, nextAttempt } from "../../src/qm/ladder.ts";
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
