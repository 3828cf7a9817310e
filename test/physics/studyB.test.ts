/**
 * Study B in full: dodecanoic acid on GFN2-xTB, ten models, all four schemes. The bounds are what a NumPy prototype of the method reached (retrained
 * models 8.5 meV above full QM's minimum, worst 10, after 21 steps), the worst and the steps with room for the luck of ten draws: physics, not
 * timings.
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { modelCalculator } from "../../src/ensemble/calculator.ts";
import { unpackModel } from "../../src/ensemble/model.ts";
import { trainer } from "../../src/ensemble/trainer.ts";
import { roles } from "../../src/hybrid/carve.ts";
import { subtractive } from "../../src/hybrid/subtractive.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { qmService, settingsOf } from "../../src/qm/image.ts";
import { gfn2Xtb } from "../../src/qm/xtb.ts";
import { size, withPositions } from "../../src/structure/structure.ts";
import type { Happening, Payloads, Scheme } from "../../src/study/events.ts";
import { studyB } from "../../src/study/examples.ts";
import { plan } from "../../src/study/plan.ts";
import { runStudy } from "../../src/study/run.ts";
import { moved } from "../descriptors/surroundings.ts";

const MEMBERS = 10;
const study = studyB({ members: MEMBERS });
const { cluster, architecture } = plan(study);

/** A finished relaxation. */
interface Row {
  readonly scheme: Scheme;
  readonly member: number | null;
  readonly steps: number;
  readonly converged: boolean;
  readonly verified: Payloads["verified"];
  /** Of each QM image that was learnt, over all members. */
  readonly evaluations: readonly number[];
  readonly trainingSeconds: number;
  /** Images that the guard asked for, and steps taken back. */
  readonly pieces: number;
  readonly rewinds: number;
}

type Of<K extends Happening["kind"]> = Extract<Happening, { kind: K }>;

function ofKind<K extends Happening["kind"]>(happenings: readonly Happening[], kind: K): Of<K>[] {
  return happenings.filter((h): h is Of<K> => h.kind === kind);
}

function rowsOf(happened: readonly Happening[]): Row[] {
  return ofKind(happened, "verified").map(({ scheme, member = null, payload: verified }) => {
    const own = happened.filter((h) => h.scheme === scheme && (scheme === "committee" || (h.member ?? null) === member));
    const steps = ofKind(own, "step");
    const trainings = ofKind(own, "training");
    return {
      scheme: scheme as Scheme,
      member,
      verified,
      steps: steps.length - 1,
      converged: steps[steps.length - 1].payload.converged,
      evaluations: trainings.map((t) => t.payload.evaluations),
      trainingSeconds: trainings.reduce((sum, t) => sum + t.payload.seconds, 0),
      pieces: ofKind(own, "qm-requested").filter((h) => /half-ranges|differ/.test(h.payload.reason)).length,
      rewinds: ofKind(own, "rewound").length,
    };
  });
}

function told(row: Row): string {
  const { scheme, member, steps, converged, verified, evaluations, trainingSeconds, pieces, rewinds } = row;
  return [
    `${scheme}${member === null ? "" : ` ${member}`}`.padEnd(13),
    `${steps} steps${converged ? "" : ", not converged"}`,
    `${(1000 * (verified.energyError as number)).toFixed(1)} meV`,
    `core ${(verified.coreRmsd as number).toFixed(3)} Å`,
    `${evaluations.reduce((sum, e) => sum + e, 0)} evaluations in ${trainingSeconds.toFixed(1)} s`,
    `${pieces} pieces asked for`,
    `${rewinds} steps taken back`,
  ].join(", ");
}

const sum = (x: readonly number[]): number => x.reduce((total, y) => total + y, 0);
const mean = (x: readonly number[]): number => sum(x) / x.length;

function median(x: readonly number[]): number {
  const sorted = x.toSorted((a, b) => a - b);
  return (sorted[Math.floor((x.length - 1) / 2)] + sorted[Math.ceil((x.length - 1) / 2)]) / 2;
}

describe("study B", () => {
  const happened: Happening[] = [];
  let rows: Row[] = [];
  /** Wall s, CPU s of this process with its threads, and of the engine. */
  let [seconds, cpuSeconds, qmSeconds] = [0, 0, 0];
  const of = (scheme: Scheme): Row[] => rows.filter((row) => row.scheme === scheme);

  before(async () => {
    const began = performance.now();
    const engine = await openEngine(study.file.qm, { slots: 2 });
    const workers = trainer(2);
    const qm = qmService(engine, settingsOf(study.file.qm, engine.version), () => undefined);
    const calls = new Map<string, number>();
    for await (const { happening } of runStudy(study, {
      qm,
      trainer: workers,
      memory: { recall: () => undefined, every: () => [], failures: () => [], seconds: 0 },
      versions: {},
    })) {
      happened.push(happening);
      if (happening.kind === "qm-finished") calls.set(happening.payload.hash, happening.payload.seconds);
    }
    await Promise.all([engine.close(), workers.close()]);
    rows = rowsOf(happened);
    const { user, system } = process.cpuUsage();
    seconds = (performance.now() - began) / 1000;
    cpuSeconds = (user + system) / 1e6;
    qmSeconds = sum([...calls.values()]);
  });

  it("every relaxation converges, in 40 steps at most", (t) => {
    for (const row of rows) t.diagnostic(told(row));
    t.diagnostic(`${seconds.toFixed(0)} s; CPU ${cpuSeconds.toFixed(0)} s and ${qmSeconds.toFixed(0)} s of the engine`);
    assert.deepEqual(
      (["full-qm", "frozen", "retrained", "committee"] as const).map((scheme) => of(scheme).length),
      [1, MEMBERS, MEMBERS, 1],
    );
    for (const row of rows) assert.ok(row.converged && row.steps <= 40, told(row));
    assert.deepEqual(ofKind(happened, "qm-failed"), []);
  });

  it("retrained models end within 8.5 meV in the median, 12 at worst, of full QM's minimum", (t) => {
    const errors = of("retrained").map((row) => 1000 * (row.verified.energyError as number));
    t.diagnostic(`${errors.map((e) => e.toFixed(1)).join(", ")} meV; median ${median(errors).toFixed(1)}`);
    assert.ok(median(errors) <= 8.5, `median ${median(errors)} meV`);
    assert.ok(Math.max(...errors) <= 12, `worst ${Math.max(...errors)} meV`);
  });

  it("retraining costs less and less: the last five images less than the first five", (t) => {
    const ends = (pick: (evaluations: readonly number[]) => readonly number[]): number =>
      mean(of("retrained").map((row) => mean(pick(row.evaluations))));
    const [first, last] = [ends((e) => e.slice(0, 5)), ends((e) => e.slice(-5))];
    t.diagnostic(`${first.toFixed(1)} evaluations an image, then ${last.toFixed(1)}`);
    assert.ok(last < first);
  });

  // At 0.01 tblite's own force on an atom of the carboxyl group is out by up to 1.7e-6 eV/Å, by the geometry: its charges are not quite self-consistent,
  // which counts in first order, whatever the step of the difference. At 0.001 that is 6e-8.
  const table = [
    [0.01, 2e-6],
    [0.001, 1e-6],
  ] as const;
  for (const [accuracy, bound] of table) {
    it(`forces of its hybrid with a trained model, link included, are the derivative of its energy to ${bound} eV/Å at accuracy ${accuracy}`, async (t) => {
      const own = happened.filter((h) => h.scheme === "retrained" && h.member === 0);
      const packed = ofKind(own, "training").findLast((h) => h.arrays?.model)?.arrays?.model as Float64Array;
      const ml = modelCalculator(architecture, unpackModel(architecture, packed));
      // Nowhere near a minimum, where forces would be small.
      const s = withPositions(study.structure, ofKind(own, "step")[3].arrays?.positions as Float64Array);
      const qm = await openEngine(gfn2Xtb({ accuracy }));
      t.after(() => qm.close());
      const hybrid = subtractive(ml, qm, cluster);
      const { forces = new Float64Array(0) } = await hybrid.calculate(s, ["energy", "forces"]);
      const energyAt = async (k: number, h: number): Promise<number> => (await hybrid.calculate(moved(s, k, h), ["energy"])).energy;
      const step = 1e-3; // the error of the formula, of fourth order in the step, takes over at 2e-3
      const worst = new Map<string, number>();
      const role = roles(s, cluster);
      for (let k = 0; k < 3 * size(s); k++) {
        const [a, b, c, d] = [await energyAt(k, -2 * step), await energyAt(k, -step), await energyAt(k, step), await energyAt(k, 2 * step)];
        const atom = Math.floor(k / 3);
        const isLinked = cluster.links.some((l) => l.inside === atom || l.outside === atom);
        const where = isLinked ? "ends of the cut bond" : ["environment", "buffer", "core"][role[atom]];
        worst.set(where, Math.max(worst.get(where) ?? 0, Math.abs(forces[k] + (8 * (c - b) - (d - a)) / (12 * step))));
      }
      for (const [where, error] of worst) t.diagnostic(`${where}: ${error.toExponential(1)} eV/Å`);
      assert.equal(worst.size, 4);
      assert.ok(Math.max(...worst.values()) <= bound);
    });
  }
});
