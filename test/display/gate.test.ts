/** The lattice gate in words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { explanation } from "../../src/display/explain.ts";
import { methodsOf } from "../../src/display/methods.ts";
import { report } from "../../src/display/report.ts";
import { studyTable } from "../../src/display/study.ts";
import { history } from "../../src/history/history.ts";
import { plan } from "../../src/study/plan.ts";
import { fixture } from "../history/fixture.ts";
import { tinyStudy } from "../study/tinyStudy.ts";

const metal = fixture({ members: 3, size: [3, 3, 3] });
const acid = fixture({ members: 2, acid: true });

test("all words have it: explanation, methods, table of the study, report", () => {
  const { architecture } = plan(tinyStudy());
  const h = history(metal);
  assert.match(explanation(h), /^lattice gate passed: QM's lattice constant of fcc Cu is 3\.5898 Å/m);
  const failed = metal.events.map((e) => (e.kind === "gate" ? { ...e, payload: { ...e.payload, status: "failed" as const } } : e));
  assert.match(explanation(history({ ...metal, events: failed })), /^Warnings \(\d+\)\n +· lattice gate failed: QM's/m);
  assert.match(studyTable(h), /^lattice gate passed: /m);
  const { paragraph, bibtex } = methodsOf(h, architecture);
  assert.match(paragraph, /lattice constants of the potentials for fcc Cu, 3\.5884 to 3\.5890 Å, were compared with QM's, 3\.5898 Å/);
  assert.match(bibtex, /birch1947/);
  const page = report([h], new Date(0));
  assert.match(page, /<h3>Lattice constant<\/h3>.*<th scope="row">model 2<\/th><td>3\.5890<\/td><td>133\.8<\/td>/s);

  const none = history(acid);
  assert.match(explanation(none), /^lattice gate not applicable: no lattice constants to compare/m);
  assert.doesNotMatch(methodsOf(none, architecture).paragraph, /lattice constant/);
  assert.match(report([none], new Date(0)), /<h3>Lattice constant<\/h3><p>lattice gate not applicable/);

  const settings = JSON.stringify({ ...metal.file, lattice: "rescale" });
  const scaled = { ...h, about: { ...h.about, settings } };
  assert.match(
    methodsOf(scaled, architecture).paragraph,
    /lengths multiplied by the ratio of its lattice constant to QM's, 0\.99961 to 0\.99978/,
  );
});
