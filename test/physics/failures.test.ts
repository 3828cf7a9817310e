/** Studies A and B in full, ten models each, a fifth of whose QM fails on purpose; B on two workers of a Dask scheduler. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { studyA, studyB } from "../../src/study/examples.ts";
import type { Study } from "../../src/study/studyFile.ts";
import { check, inject } from "../faults/injecting.ts";
import { until, workers } from "../qm/workers.ts";
import { run, studyFolder } from "../study/process.ts";

/** A hung worker costs the timeout, s. */
const timeout = 10;
const a = studyA({ timeout });
const table: readonly (readonly [string, Study, readonly string[]])[] = [
  ["A by ASE's EMT", { ...a, file: { ...a.file, qm: { engine: "ase-emt" } } }, []],
  ["B by GFN2-xTB on a cluster", studyB({ timeout }), ["--cluster", "local:2"]],
];
for (const [name, study, words] of table) {
  it(`study ${name} finishes; none of it is learnt, all of it is listed`, async (t) => {
    inject("1");
    const folder = await studyFolder(study);
    const ended = await run(folder, 2, () => {}, words);
    assert.deepEqual([ended.status, ended.output], [0, ""]);
    const found = await check(folder);
    t.diagnostic(`${ended.seconds.toFixed(0)} s; ${JSON.stringify(found)}`);
    assert.ok(found.lost > 0 && found.kinds.length >= 3);
    await until(() => workers().length === 0);
  });
}
