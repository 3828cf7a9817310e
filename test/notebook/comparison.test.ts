/** Studies side by side: rows with the numbers of their summaries, and a figure of each. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { MimeBundle } from "../../src/display/bundle.ts";
import { history } from "../../src/history/history.ts";
import { spendings } from "../../src/history/spending.ts";
import { comparison, type StudyHandle } from "../../src/index.ts";
import { type FixtureOptions, fixture } from "../history/fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "qmml comparison "));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Of a handle, a comparison asks the history alone. */
function madeUp(options: FixtureOptions = {}): StudyHandle {
  const h = history(fixture(options));
  return { history: () => h } as unknown as StudyHandle;
}

describe("a comparison of studies", () => {
  const run = madeUp();
  const all = comparison({ A: run, B: run });

  it("has a row for each relaxation of each study, errors in meV", () => {
    const { summary } = run.history();
    assert.equal(all.rows.length, 2 * summary.length);
    assert.deepEqual([...new Set(all.rows.map((r) => r.study))], ["A", "B"]);
    for (const r of summary) {
      const row = all.of("B", r.scheme).find(({ member }) => member === r.member);
      assert.ok(row);
      assert.equal(row.energyError, r.energyError === null ? null : 1000 * r.energyError);
      for (const key of ["coreRmsd", "steps", "qmCalls", "qmSeconds", "trainingSeconds", "converged"] as const)
        assert.equal(row[key], r[key], key);
      assert.equal(row.failed, r.failure !== null);
    }
  });

  it("counts as other seconds what is neither QM nor training", () => {
    for (const { scheme, runs } of spendings(run.history()))
      for (const { member, totals } of runs) assert.equal(all.of("A", scheme).find((r) => r.member === member)?.otherSeconds, totals.other);
  });

  it("gives rows of a scheme over all studies, and all", () => {
    assert.deepEqual(
      all.of(undefined, "retrained"),
      ["A", "B"].flatMap((study) => all.of(study, "retrained")),
    );
    assert.deepEqual(all.of(), all.rows);
    assert.deepEqual(all.of("C"), []);
  });

  it("draws a study's relaxations with its rows as table, and saves both", () => {
    const figure = all.figure("A");
    assert.deepEqual(figure.table, all.of("A"));
    const bundle = (figure as unknown as Record<symbol, () => MimeBundle>)[Symbol.for("Jupyter.display")]();
    for (const expected of [/^A: /, /E − E\(last step\)/, /Geometry of the core/, /Seconds in all/])
      assert.match(String(bundle["text/plain"]), expected);
    assert.match(String(bundle["image/svg+xml"]), /QM\/ML (paid|did not pay)|not measured/);
    figure.save(join(folder, "a"));
    for (const ending of ["svg", "csv", "arrow"]) assert.ok(existsSync(join(folder, `a.${ending}`)), ending);
    assert.throws(() => all.figure("C"), /there is no study "C" here; there are A, B/);
  });

  it("draws energies alone, with chemical accuracy however small the errors are", () => {
    const figure = all.figure("A", { only: "energies" });
    assert.deepEqual(figure.table, all.of("A"));
    const bundle = (figure as unknown as Record<symbol, () => MimeBundle>)[Symbol.for("Jupyter.display")]();
    const text = String(bundle["text/plain"]);
    for (const expected of [/E − E\(last step\)/, /Energy error by full QM/, /chemical accuracy .* 43\.4/]) assert.match(text, expected);
    assert.doesNotMatch(text, /training|\d models|RMSD|Seconds/);
  });

  it("takes finished studies only", () => {
    assert.throws(() => comparison({ A: madeUp({ until: "middle" }) }), /the study A is running; await its finished/);
  });
});
