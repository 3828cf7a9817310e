/** The guard at work in real relaxations: models that know too little ask for QM where they do not know, and steps that do harm are taken back. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { describing } from "../../src/engine/wasm/fingerprints.ts";
import { trainer } from "../../src/ensemble/trainer.ts";
import { bfgsInit, bfgsStep } from "../../src/optimize/bfgs.ts";
import type { QmEngine } from "../../src/qm/engine.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { qmService, settingsOf } from "../../src/qm/image.ts";
import { structure, withPositions } from "../../src/structure/structure.ts";
import type { StudyEvent } from "../../src/study/events.ts";
import { impossible } from "../../src/study/guard.ts";
import { readJournal } from "../../src/study/journal.ts";
import { plan } from "../../src/study/plan.ts";
import { relaxFullQm } from "../../src/study/relaxation.ts";
import type { Study } from "../../src/study/studyFile.ts";
import { goOn, type Options } from "./inProcess.ts";
import { emptyFolder, eventsOf, outcome } from "./process.ts";
import { tinyMolecule } from "./tinyMolecule.ts";

/** Runs a study on an engine, or goes on with it. */
function calculate(folder: string, study: Study, engine: QmEngine, options?: Options): Promise<void> {
  return goOn(folder, study, (image) => qmService(engine, settingsOf(study.file.qm, engine.version), image), options);
}

/** Runs a study from its beginning to its end on an engine of its own. */
async function whole(folder: string, study: Study): Promise<StudyEvent[]> {
  const engine = await openEngine(study.file.qm);
  try {
    await calculate(folder, study, engine);
  } finally {
    await engine.close();
  }
  return eventsOf(folder);
}

/** QM that the guard has asked for. */
function asked(events: readonly StudyEvent[], pattern: RegExp): Extract<StudyEvent, { kind: "qm-requested" }>[] {
  return events.flatMap((e) => (e.kind === "qm-requested" && pattern.test(e.payload.reason) ? [e] : []));
}

const UNSEEN = /^step \d+: [CHO]\d+ is \d+\.\d half-ranges outside of what the models have seen$/;
const DIFFER = /^step \d+: the models differ by \d+\.\d\d eV\/Å on the force on [CHO]\d+$/;

/** Two rattled copies of Q are all that the models have seen: of the chain behind it they know nothing. This method takes them furthest astray. */
const ignorant = tinyMolecule({
  schemes: ["frozen", "retrained", "committee"],
  optimizer: { fmax: 0.2, maxSteps: 10 },
  pretraining: { rattled: 2, pieces: 0 },
  model: { hidden: [4], cutoff: 2.6, training: "levenberg-marquardt" },
});

describe("models that have never seen the chain", () => {
  const folder = emptyFolder();
  let events: StudyEvent[] = [];
  before(async () => {
    events = await whole(folder, ignorant);
  });
  const { cluster } = plan(ignorant);

  it("ask for QM round the atom outside Q that they know least, before the first step, and say so", () => {
    for (const [scheme, member] of [
      ["retrained", 0],
      ["retrained", 1],
      ["committee", null],
    ] as const) {
      const own = events.filter((e) => e.scheme === scheme && e.member === member);
      const [request] = asked(own, UNSEEN);
      // C7 stands at the cut: Q has a hydrogen where the chain goes on.
      assert.match(request.payload.reason, /^step 0: C7 is /);
      assert.ok(!cluster.core.includes(7));
      const answer = own.find((e) => e.kind === "qm-finished" && e.payload.hash === request.payload.hash);
      const learnt =
        own.find((e) => e.kind === "training" && e.image === request.image) ??
        events.find((e) => e.kind === "training" && e.scheme === scheme && e.image === request.image);
      const step = own.find((e) => e.kind === "step");
      assert.ok(answer && learnt && step);
      assert.ok(request.sequence < answer.sequence && answer.sequence < learnt.sequence && learnt.sequence < step.sequence);
    }
  });

  it("that must not learn are warned of, once", () => {
    for (const member of [0, 1]) {
      const own = events.filter((e) => e.scheme === "frozen" && e.member === member);
      assert.deepEqual(asked(own, UNSEEN), []);
      const said = own.flatMap((e) => (e.kind === "warning" && e.step !== null ? [e.payload.message] : []));
      assert.equal(said.length, 1);
      assert.match(said[0], /^C7 is .* half-ranges outside of what the models have seen, and the frozen scheme does not learn$/);
    }
  });

  it("lead nowhere impossible; steps to absurd forces are taken back by half, and BFGS never hears of them", () => {
    const journal = readJournal(folder);
    let back = 0;
    for (const who of ["frozen 0", "frozen 1", "retrained 0", "retrained 1", "committee null"]) {
      const own = events.filter((e) => `${e.scheme} ${e.member}` === who);
      const steps = own.flatMap((e) => (e.kind === "step" ? [{ ...e, array: (name: string) => journal.array(e.sequence, name) }] : []));
      const positions = steps.map((e) => e.array("positions") as Float64Array);
      let state = bfgsInit();
      let [base, moved]: [Float64Array | undefined, Float64Array | undefined] = [undefined, undefined];
      for (const [n, x] of positions.entries()) {
        assert.ok(x.every(Number.isFinite));
        assert.equal(impossible(withPositions(ignorant.structure, x), ignorant.structure), undefined);
        if (n + 1 === positions.length) break;
        const halved = own.find((e) => e.kind === "rewound" && e.step === n + 1);
        // The optimizer's own memory of the last geometry is of the surface as it was then.
        moved = steps[n].array("previousForces") ?? moved;
        if (halved?.kind === "rewound" && /the forces of step \d+ reach/.test(halved.payload.message)) {
          back++;
          assert.ok(base);
          assert.deepEqual(
            positions[n + 1],
            x.map((p, k) => ((base as Float64Array)[k] + p) / 2),
          );
          continue;
        }
        const next = bfgsStep(state, x, steps[n].array("forces") as Float64Array, moved);
        state = next.state;
        [base, moved] = [x, undefined];
        // A step into an impossible geometry was shortened as often as it took.
        const part = (positions[n + 1][0] - x[0]) / (next.positions[0] - x[0]);
        if (halved) assert.ok(part <= 0.5 + 1e-9 && part > 0, `${part} of step ${n + 1}`);
        else assert.deepEqual(positions[n + 1], next.positions);
      }
    }
    journal.close();
    assert.ok(back > 0, "no step was taken back");
  });

  it("come to the same bits if the study is killed after each event from the first piece to the step behind it", async () => {
    const again = emptyFolder();
    const engine = await openEngine(ignorant.file.qm);
    await calculate(again, ignorant, engine, { enough: (e) => asked([e], UNSEEN).length > 0 });
    let kills = 1;
    for (let over = false; !over; kills++) {
      const enough = (e: StudyEvent): boolean => {
        over = e.kind === "step" && e.scheme === "committee";
        // A question that was not answered is asked again: killed after that, it would never get further.
        return e.kind !== "qm-requested";
      };
      await calculate(again, ignorant, engine, { enough });
    }
    await calculate(again, ignorant, engine);
    await engine.close();
    assert.ok(kills > 10, `${kills} kills`);
    assert.deepEqual(outcome(again), outcome(folder));
  });
});

describe("a committee whose members disagree", () => {
  it("asks for QM round the atom in question, and learns it", async () => {
    const events = await whole(
      emptyFolder(),
      tinyMolecule({
        schemes: ["committee"],
        // Enough pieces that nothing is outside of what the models have seen, too few for two models to agree to five times this.
        tolerance: { energy: 0.05, force: 0.05 },
        optimizer: { fmax: 0.2, maxSteps: 1 },
        pretraining: { rattled: 3, pieces: 12 },
      }),
    );
    const [request] = asked(events, DIFFER);
    assert.ok(request, "they did not");
    assert.equal(request.scheme, "committee");
    assert.ok(Number(/by (\S+) eV/.exec(request.payload.reason)?.[1]) > 5 * 0.05);
    for (const member of [0, 1])
      assert.ok(events.some((e) => e.kind === "training" && e.member === member && e.step === request.step && e.image === request.image));
  });
});

/** Energy (eV) and its derivative (eV/Å) of two carbons at a distance, Å; nobody may ask for it below or above what a pair of atoms can be. */
type Curve = (r: number) => readonly [number, number];

/** Relaxes two carbons by full QM; distances and what was taken back. */
async function relaxed(
  r: number,
  curve: Curve,
): Promise<{ distances: number[]; why: string[]; converged: boolean; stop?: string; refused?: Float64Array }> {
  const start = structure({ symbols: ["C", "C"], positions: [0.1, -0.2, 0.3, 0.1 + 0.6 * r, -0.2, 0.3 + 0.8 * r] });
  const engine = {
    name: "a curve",
    properties: ["energy", "forces"] as const,
    async calculate({ positions: p }: { readonly positions: Float64Array }) {
      const d = [0, 1, 2].map((k) => p[3 + k] - p[k]);
      const length = Math.hypot(...d);
      const [energy, slope] = curve(length);
      const pull = d.map((x) => (slope * x) / length);
      return { energy, forces: Float64Array.of(...pull, ...pull.map((x) => -x)) };
    },
  };
  const { file } = tinyMolecule({ optimizer: { fmax: 0.01, maxSteps: 60 } });
  const { architecture } = plan(tinyMolecule());
  const tools = {
    file,
    architecture,
    describe: describing(architecture.descriptors),
    qm: qmService(engine, "a curve", () => undefined),
    trainer: trainer(0),
    memory: { recall: () => undefined, every: () => [], failures: () => [], seconds: 0 },
  };
  const walk = relaxFullQm(tools, start);
  const [distances, why]: [number[], string[]] = [[], []];
  let refused: Float64Array | undefined;
  for (;;) {
    const next = await walk.next();
    if (next.done) return { distances, why, converged: next.value.converged, stop: next.value.stop, refused };
    const { happening: h } = next.value;
    if (h.kind === "rewound") {
      why.push(h.payload.message);
      refused = h.arrays?.positions;
    }
    if (h.kind === "step") {
      const x = h.arrays?.positions as Float64Array;
      distances.push(Math.hypot(...[0, 1, 2].map((k) => x[3 + k] - x[k])));
    }
  }
}

/** A pull of 10 eV/Å that ends in a harmonic well. */
const well =
  (centre: number, width: number): Curve =>
  (r) => {
    const [x, pull] = [r - centre, 10];
    return Math.abs(x) < width
      ? [(pull * x * x) / (2 * width), (pull * x) / width]
      : [pull * (Math.abs(x) - width / 2), pull * Math.sign(x)];
  };

describe("a step that full QM takes", () => {
  // Covalent radii of 0.76 Å: fused below 0.912 Å, apart above 3.04 Å.
  const FUSED = 0.912;
  const APART = 3.04;
  const forbidden =
    (curve: Curve): Curve =>
    (r) => {
      assert.ok(r > FUSED && r < APART, `QM was asked for ${r} Å`);
      return curve(r);
    };

  for (const [name, from, minimum, curve, why] of [
    ["into each other", 1.2, 0.95, well(0.95, 0.03), /^step \d+ is shortened: C0 and C1 would fuse$/],
    ["away from each other", 2.7, 3, well(3, 0.03), /^step \d+ is shortened: C[01] would part from what it was near$/],
  ] as const) {
    it(`${name} is shortened before QM is asked, and the relaxation ends where it should`, async () => {
      const { distances, why: said, converged } = await relaxed(from, forbidden(curve));
      assert.ok(said.length > 0 && said.every((s) => why.test(s)), said.join("; "));
      assert.ok(converged);
      // fmax 0.01 eV/Å in a well of 333 eV/Å² is 3e-5 Å.
      assert.ok(Math.abs((distances.at(-1) as number) - minimum) < 1e-4, distances.join(" "));
    });
  }

  it("on a surface that has no other minimum than an impossible one is the last: the relaxation ends there, not converged", async () => {
    const { distances, why, converged, stop, refused } = await relaxed(1.2, forbidden(well(0.8, 0.03)));
    // The frame that it was to become is kept.
    assert.ok(refused && Math.hypot(...[0, 1, 2].map((k) => refused[3 + k] - refused[k])) < FUSED);
    assert.match(why.at(-1) as string, /^step \d+ is not taken, however short: C0 and C1 would fuse$/);
    assert.deepEqual([converged, stop], [false, "C0 and C1 would fuse"]);
    assert.ok(distances.length < 20);
  });

  it("to absurd forces is taken back by half, as often as it takes, and the relaxation ends where it should", async () => {
    // A wall 0.13 Å behind the minimum, which the first step of 10 eV/Å / 70 eV/Å² for either atom runs into.
    const wall: Curve = (r) => {
      const [energy, slope] = well(1.25, 0.03)(r);
      const deep = Math.max(0, 1.12 - r);
      return [energy + 5000 * deep ** 2, slope - 10_000 * deep];
    };
    const { distances, why, converged } = await relaxed(1.38, forbidden(wall));
    assert.match(why[0], /^step 2 is shortened: the forces of step 1 reach \d{3,} eV\/Å$/);
    assert.ok(Math.abs(distances[2] - (distances[0] + distances[1]) / 2) < 1e-12);
    assert.ok(converged);
    assert.ok(Math.abs((distances.at(-1) as number) - 1.25) < 1e-4);
  });
});
