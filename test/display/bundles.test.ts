/** Bundles and reports: shape, states, hostile words. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type MimeBundle, mimeType, type StudyViewName, VIEW_TABLES, type ViewPayload } from "../../src/display/bundle.ts";
import { costBundle } from "../../src/display/cost.ts";
import { report } from "../../src/display/report.ts";
import { studyBundle, studyTable } from "../../src/display/study.ts";
import { trainingBundle } from "../../src/display/training.ts";
import { trajectoryBundle } from "../../src/display/trajectory.ts";
import { decode, rowsOf, unitsOf } from "../../src/history/arrow.ts";
import { type History, history } from "../../src/history/history.ts";
import type { StepRow } from "../../src/history/steps.ts";
import { type FixtureOptions, fixture } from "../history/fixture.ts";
import { parseXml } from "./xml.ts";

const MAKE: Record<StudyViewName, typeof studyBundle> = {
  study: studyBundle,
  trajectory: trajectoryBundle,
  training: trainingBundle,
  cost: costBundle,
};
const VIEWS = Object.keys(MAKE) as StudyViewName[];

function made(options: FixtureOptions): History {
  return history(fixture({ members: 4, size: [3, 3, 3], ...options }));
}
const payload = (view: StudyViewName, b: MimeBundle): ViewPayload => b[mimeType(view)] as ViewPayload;
const h = made({});

test("a bundle has the tables of its view, text always, pictures when the study is over", () => {
  for (const view of VIEWS) {
    const b = MAKE[view](h, { id: "cu100-n", path: "studies/cu100-n" });
    const p = payload(view, b);
    assert.deepEqual(JSON.parse(JSON.stringify(p)), p);
    assert.deepEqual([p.version, p.view, Object.keys(p.tables)], [1, view, [...VIEW_TABLES[view]]]);
    assert.deepEqual(p.study, { id: "cu100-n", path: "studies/cu100-n", sequence: h.about.sequence });
    assert.equal(typeof b["text/plain"], "string");
    parseXml(b["image/svg+xml"] as string);
    assert.equal("application/vnd.plotly.v1+json" in b, view !== "study");
    const live = MAKE[view](made({ until: "middle" }));
    assert.deepEqual(Object.keys(live), [mimeType(view), "text/plain"]);
    assert.equal(payload(view, live).study, undefined);
  }
  assert.deepEqual(rowsOf<StepRow>(decode(payload("study", studyBundle(h)).tables.steps)), h.steps);
});

test("the README lists the columns of every table with their units", () => {
  const readme = readFileSync(new URL("../../src/display/README.md", import.meta.url), "utf8");
  for (const view of VIEWS) {
    assert.ok(readme.includes(`| \`${view}\` | ${VIEW_TABLES[view].join(", ")} |`), view);
    for (const [name, table] of Object.entries(payload(view, MAKE[view](h)).tables)) {
      const columns = Object.entries(unitsOf(decode(table))).map(([column, unit]) => (unit === null ? column : `${column} (${unit})`));
      assert.ok(readme.includes(`| \`${name}\` | ${columns.join(", ")} |`), name);
    }
  }
});

test("empty, running, stopped and failed studies draw something true", () => {
  for (const [until, words] of [
    ["empty", "Nothing has been calculated yet"],
    ["middle", "Still running"],
    ["failed", "The study failed before its end"],
  ] as const) {
    const part = made({ until });
    const text = (studyBundle(part)["text/plain"] as string).replace(/\s+/g, " ");
    assert.match(text, new RegExp(words));
    const over: History = { ...part, about: { ...part.about, state: part.about.state === "running" ? "stopped" : part.about.state } };
    for (const view of VIEWS) {
      const b = MAKE[view](over);
      const svg = b["image/svg+xml"] as string;
      parseXml(svg);
      for (const form of [svg, b["text/plain"] as string]) assert.doesNotMatch(form, /NaN|undefined|Infinity/);
      const layout = (b["application/vnd.plotly.v1+json"] as { layout?: Record<string, { range?: number[] }> } | undefined)?.layout ?? {};
      for (const { range } of Object.values(layout)) if (range) assert.ok(range[0] < range[1], view);
    }
    assert.match(report([part], new Date(0)), new RegExp(words));
  }
  assert.match(report([made({ until: "failed" })], new Date(0)), /the disk is full/);
});

test("the table of npm start has a row a scheme, with median and worst, in 100 columns", () => {
  const lines = studyTable(h).split("\n");
  assert.match(studyTable(h).replace(/\s+/g, " "), /EMT stands in for the QM engine/);
  const row = lines.find((l) => l.startsWith("retrained")) ?? "";
  // Errors are 4.1, 5.0, 5.9 and 6.8 meV; RMSDs 0.004 + 0.0031 m.
  assert.match(row, /^retrained +4\/4 +5\.5 \(6\.8\) +0\.009 \(0\.013\) +8\.5 \(9\) +33\.5 \(34\)/);
  for (const l of lines) assert.ok(l.length <= 100, l);
  // Numbers as wide as a study that went astray has them.
  const [scale, steps] = [100, 180];
  const summary = h.summary.map((r, k) => ({
    ...r,
    energyError: -scale * (r.energyError ?? 0),
    coreRmsd: 14.2,
    steps,
    qmCalls: steps + k,
    qmSeconds: 41230.4 + k,
  }));
  for (const l of studyTable({ ...h, summary }).split("\n")) assert.ok(l.length <= 100, l);
});

test("hostile names and messages are only words", () => {
  const evil = `<script>alert("x")</script>&'\u0000]]>`;
  const study = made({ name: evil, warning: evil, engine: evil });
  const html = report([study, study], new Date(0));
  assert.doesNotMatch(html, /<script|alert\("x"\)/);
  assert.match(html, /&lt;script&gt;alert\(&quot;x&quot;\)&lt;\/script&gt;/);
  for (const view of VIEWS) {
    const b = MAKE[view](study);
    parseXml(b["image/svg+xml"] as string);
    assert.doesNotMatch(JSON.stringify(b["application/vnd.plotly.v1+json"] ?? ""), /<script/);
  }
});

test("a report is one file: no script, nothing loaded, well-formed, under 200 kB a study of ten models", () => {
  const full = made({ members: 10, size: [6, 6, 4] });
  const html = report([full], new Date(Date.UTC(2026, 10, 22, 9, 5)));
  assert.doesNotMatch(html.replaceAll("http://www.w3.org/2000/svg", ""), /https?:|\/\/|<script|<link|<img|<iframe|url\(|@import/);
  assert.ok(html.length < 200_000, `${html.length}`);
  assert.match(html, /2026-11-22 09:05 UTC/);
  const strict = html
    .replace("<!doctype html>\n", "")
    .replace(/<meta ([^>]*)>/g, "<meta $1/>")
    .replace(/<style>[\s\S]*?<\/style>/g, "")
    .trim();
  parseXml(strict);
});

test("a report of a slab and a molecule is one page: contents, a heading and the words of its own for each", () => {
  const acid = made({ acid: true, name: "lauric-acid", engine: "gfn2-xtb" });
  const html = report([h, acid], new Date(0));
  assert.deepEqual(
    [...html.matchAll(/<h2 id="study-\d-name">([^<]*)/g)].map((m) => m[1]),
    ["cu100-n", "lauric-acid"],
  );
  assert.match(html, /<nav aria-label="Studies"><ul><li><a href="#study-1">cu100-n<\/a>.*<a href="#study-2">lauric-acid<\/a>/);
  assert.doesNotMatch(report([acid], new Date(0)), /<nav/);
  assert.match(html, /C12H24O2, 38 atoms; QM cluster of 16 atoms and 1 link hydrogen: 13 core, 3 buffer within 1 bond</);
  assert.match(html, /charge 0 e, multiplicity 1; QM cluster: charge 0 e, multiplicity 1/);
  assert.match(html, /<dt>Periodic<\/dt><dd>along a, b<\/dd>/);
  assert.match(html, /<dt>Periodic<\/dt><dd>no<\/dd>/);
  assert.match(html, /The committee is one relaxation on the mean of the models: its QM calls are counted once/);
  assert.doesNotMatch(report([h], new Date(0)), /The committee is/);
  // Reasons that differ in atoms and numbers only are one row; the details have each.
  assert.match(html, /<th scope="row">… is … half-ranges outside<\/th><td>2<\/td>/);
  assert.match(html, /<th scope="row">step 3: C7 is 1\.1 half-ranges outside<\/th><td>1<\/td>/);
  assert.match(html, /rewound: committee, step 3: shortened: H3 and O1 would fuse/);
});

test("a report holds every relaxation, every warning, every reason and the settings", () => {
  const html = report([h], new Date(0));
  for (const r of h.summary)
    assert.ok(html.includes(`<th scope="row">${r.member === null ? "full QM" : `${r.scheme}, model ${r.member}`}</th>`));
  // Model 2: 5.9 meV, 0.004 + 2 * 0.0031 Å, 8 steps, 24 + 9 QM images.
  assert.match(html, /retrained, model 2<\/th><td>yes<\/td><td>5\.9<\/td><td>0\.010<\/td><td>8<\/td><td>33<\/td>/);
  for (const c of h.calls) assert.ok(html.includes(c.reason));
  for (const m of h.messages) assert.ok(html.includes(m.message.replaceAll("'", "&#39;")), m.message);
  assert.match(html, /&quot;maxSteps&quot;: 200/);
  assert.match(html, /qmml 0\.1\.0, node 22\.23\.3/);
});
