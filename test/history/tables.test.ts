/** Arrow tables: what goes in comes out, with a unit on every number. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, rowsOf, tableOf, unitsOf } from "../../src/history/arrow.ts";
import { arrowTables, history, type TableName } from "../../src/history/history.ts";
import { FRAME_COLUMNS, frameRows, relaxations } from "../../src/history/trajectory.ts";
import type { Payloads, StudyEvent } from "../../src/study/events.ts";
import type { StudyRecord } from "../../src/study/folder.ts";
import { energyAt, evaluationsAt, fixture, fmaxAt, shiftAt, stepsOf } from "./fixture.ts";

const study = fixture({ members: 4, size: [3, 3, 3] });
const h = history(study);
const NAMES: readonly TableName[] = ["about", "steps", "atoms", "trajectory", "training", "cost", "summary", "calls", "messages", "log"];

test("every table survives an Arrow stream in base64, to the bit", () => {
  for (const [name, table] of Object.entries(arrowTables(h, NAMES))) {
    const rows = h[name as TableName];
    assert.deepEqual(rowsOf(decode(encode(table))), name === "about" ? [rows] : rows, name);
  }
});

test("every numeric field has a unit in its metadata, no other field has one", () => {
  for (const [name, table] of Object.entries(arrowTables(h, NAMES))) {
    const units = unitsOf(decode(encode(table)));
    for (const field of table.schema.fields) {
      const numeric = /^(Int|Float|List)/.test(String(field.type));
      assert.equal(typeof units[field.name] === "string", numeric, `${name}.${field.name}`);
    }
  }
  const { steps, training } = arrowTables(h, NAMES);
  assert.equal(unitsOf(steps).energy, "eV");
  assert.equal(unitsOf(steps).fmax, "eV/Å");
  assert.equal(unitsOf(training).energyRmse, "eV/atom");
});

test("a table without rows keeps its columns", () => {
  const empty = decode(encode(tableOf(FRAME_COLUMNS, [])));
  assert.equal(empty.numRows, 0);
  assert.deepEqual(Object.keys(unitsOf(empty)), Object.keys(FRAME_COLUMNS));
});

test("steps are the journal's", () => {
  for (const row of h.steps) {
    const [scheme, m, k] = [row.scheme ?? "committee", row.member ?? 0, row.step ?? -1];
    assert.equal(row.energy, energyAt(scheme, m, k));
    assert.equal(row.fmax, fmaxAt(scheme, m, k));
    const shift = shiftAt(scheme, m, k);
    assert.equal(row.previousEnergy, shift === null ? null : energyAt(scheme, m, k - 1) + shift);
    assert.equal(row.converged, k === stepsOf(scheme, m));
  }
  assert.equal(h.steps.filter((r) => r.scheme === "retrained" && r.member === 3).length, stepsOf("retrained", 3) + 1);
});

test("training curves are the journal's; an image that costs nothing is still a row of cost", () => {
  for (const row of h.cost.filter((r) => r.scheme === "retrained")) {
    const evaluations = evaluationsAt(row.member ?? -1, row.image ?? -1);
    assert.equal(row.evaluations, evaluations);
    const curve = h.training.filter((r) => r.scheme === "retrained" && r.member === row.member && r.image === row.image);
    assert.equal(curve.at(-1)?.evaluation ?? 0, evaluations);
    assert.equal(row.qmSeconds, 0.043 + 0.002 * (row.image ?? 0));
  }
  assert.ok(h.cost.some((r) => r.evaluations === 0 && r.converged));
  const set = Array.from({ length: 24 }, (_, k) => 0.021 + 0.001 * k).reduce((a, b) => a + b, 0);
  assert.deepEqual(
    h.cost.filter((r) => r.scheme === null).map((r) => [r.member, r.image, r.qmSeconds]),
    [0, 1, 2, 3].map((m) => [m, null, set]),
  );
});

test("forces of both levels stand on the QM cluster, those of full QM are its own; a journal without them gives null", () => {
  const of = (scheme: string): (typeof h.trajectory)[number] =>
    h.trajectory.find((f) => f.scheme === scheme && f.step === 2) ?? assert.fail(scheme);
  const inside = new Set(study.cluster);
  const { qmForces, mlForces, forcesSigma } = of("retrained");
  assert.equal(forcesSigma, null);
  for (const forces of [qmForces, mlForces])
    assert.ok(forces?.every((f, k) => Number.isNaN(f) !== inside.has(Math.floor(k / 3)) && Object.is(f, Math.fround(f))));
  assert.deepEqual([of("full-qm").qmForces, of("full-qm").mlForces], [of("full-qm").forces, null]);
  const acid = history(fixture({ members: 2, acid: true })).trajectory.filter((f) => f.scheme === "committee");
  assert.ok(acid.every((f) => f.forcesSigma?.every((s) => s >= 0 && Number.isFinite(s))));
  const old = history({ ...study, array: (s, name) => (/^(qm|ml)Forces|Sigma$/.test(name) ? undefined : study.array(s, name)) });
  for (const f of old.trajectory)
    assert.deepEqual([f.qmForces, f.mlForces, f.forcesSigma], [f.scheme === "full-qm" ? f.forces : null, null, null]);
});

test("a curve or a geometry that is missing, of another width, or of another end is refused by name", () => {
  const training = study.events.find((e) => e.kind === "training" && e.payload.evaluations > 5) as StudyEvent & { kind: "training" };
  const step = study.events.find((e) => e.kind === "step") as StudyEvent;
  const other = (sequence: number, name: string, data: Float64Array | undefined): StudyRecord => ({
    ...study,
    array: (s, n) => (s === sequence && n === name ? data : study.array(s, n)),
  });
  const curve = study.array(training.sequence, "curve") ?? new Float64Array(0);
  const named = new RegExp(`"curve" of event ${training.sequence} `);
  for (const bad of [undefined, new Float64Array(0), curve.slice(1), curve.slice(0, -5), new Float64Array((6 * curve.length) / 5)])
    assert.throws(() => history(other(training.sequence, "curve", bad)), { name: "RangeError", message: named });
  for (const name of ["positions", "forces"]) {
    const message = new RegExp(`"${name}" of event ${step.sequence} `);
    for (const bad of [undefined, new Float64Array(81)])
      assert.throws(() => history(other(step.sequence, name, bad)), { name: "RangeError", message });
  }
  const hybrid = study.events.find((e) => e.kind === "step" && e.scheme === "frozen") as StudyEvent;
  const message = new RegExp(`"mlForces" of event ${hybrid.sequence} `);
  assert.throws(() => history(other(hybrid.sequence, "mlForces", new Float64Array(81))), { name: "RangeError", message });
});

test("atoms know their role and whether they are fixed", () => {
  assert.deepEqual(h.atoms.at(-1), { atom: 27, number: 7, symbol: "N", role: "core", fixed: false });
  const count = (role: string): number => h.atoms.filter((a) => a.role === role).length;
  assert.equal(count("core"), study.core.length);
  assert.equal(count("buffer"), study.cluster.length - study.core.length);
  assert.deepEqual(
    h.atoms.filter((a) => a.fixed).map((a) => a.atom),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  );
});

test("what is known of links, charge, spin and the buffer is in about; an older journal says less", () => {
  const acid = fixture({ members: 1, acid: true });
  const { linkAtoms, charge, multiplicity, clusterCharge, clusterMultiplicity, buffer, bufferBonds } = history(acid).about;
  assert.deepEqual([linkAtoms, charge, multiplicity, clusterCharge, clusterMultiplicity], [1, 0, 1, 0, 1]);
  assert.deepEqual([buffer, bufferBonds], [null, 1]);
  assert.deepEqual([h.about.buffer, h.about.bufferBonds], [5.2, null]);
  const [{ payload, ...start }] = acid.events;
  const {
    linkAtoms: _l,
    charge: _c,
    multiplicity: _m,
    clusterCharge: _q,
    clusterMultiplicity: _s,
    ...old
  } = payload as Payloads["study-started"];
  const about = history({ ...acid, events: [{ ...start, payload: old } as StudyEvent] }).about;
  assert.deepEqual([about.linkAtoms, about.charge, about.clusterMultiplicity], [0, null, null]);
});

test("a trajectory has the frames asked for; a long one is thinned, ends kept", () => {
  assert.equal(relaxations(study).length, 9);
  const which = [{ scheme: "frozen" as const, member: 2 }];
  const all = frameRows(study, which);
  assert.deepEqual(
    all.map((f) => f.step),
    Array.from({ length: stepsOf("frozen", 2) + 1 }, (_, k) => k),
  );
  assert.equal(all[0].positions.length, 3 * study.structure.numbers.length);
  const thin = frameRows(study, which, 4);
  assert.equal(thin.length, 4);
  assert.deepEqual([thin[0].step, thin.at(-1)?.step], [0, stepsOf("frozen", 2)]);
});

test("rows of later events follow those of earlier ones: a live view may append", () => {
  const half = Math.floor(study.events.length / 2);
  const [first, second] = [study.events.slice(0, half), study.events.slice(half)].map((events) => history({ ...study, events }));
  assert.deepEqual([...first.steps, ...second.steps], h.steps);
  assert.deepEqual([...first.training, ...second.training], h.training);
  assert.deepEqual([...first.messages, ...second.messages], h.messages);
});
