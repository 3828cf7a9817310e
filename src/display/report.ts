/**
 * A report: one HTML file that says what was calculated, what came out, at what cost, and everything that a reader should doubt. It
 * opens from disk, loads nothing and runs no script. All words that come from data are escaped.
 */

import type { AboutRow } from "../history/about.ts";
import type { History } from "../history/history.ts";
import type { MessageRow } from "../history/messages.ts";
import { placed } from "../history/summary.ts";
import { callKinds, callTable } from "./calls.ts";
import type { Chart } from "./chart.ts";
import { costChart } from "./cost.ts";
import { escaped } from "./markup.ts";
import { counted, duration, fixed } from "./numbers.ts";
import { reportStyle } from "./reportStyle.ts";
import { chartBlock } from "./svg.ts";
import { type Block, svgDocument } from "./svgDocument.ts";
import { memberNote, memberTable, spreadNote, spreadTable, verdictNote } from "./table.ts";
import { htmlTable } from "./tableHtml.ts";
import { trainingChart } from "./training.ts";
import { structureDrawing, structureWords, trajectoryChart } from "./trajectory.ts";
import { bufferWords, clusterWords, engineSentence, schemeName, stateSentence, stateWords, subject } from "./words.ts";

/**
 * The report of one or several studies, in the order given.
 * @param made when the report is made
 */
export function report(studies: readonly History[], made: Date): string {
  const names = studies.map((h) => h.about.name);
  const engines = [...new Set(studies.map((h) => engineSentence(h.about.engine)))];
  const contents = studies.map(
    (h, k) =>
      `<li><a href="#study-${k + 1}">${escaped(h.about.name)}</a> <span class="quiet">${escaped(stateSentence(h.about))}</span></li>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(names.join(", "))} · qmml report</title><style>${reportStyle()}</style></head><body>
<header><h1>${escaped(names.join(" · "))}</h1>
<p>QM/ML hybrid calculations in which the machine-learning potential is retrained on the QM images. ${escaped(`${engines.join(". ")}.`)}</p>
<p class="quiet">Report of <time datetime="${made.toISOString()}">${instant(made)}</time>.</p></header>
${studies.length > 1 ? `<nav aria-label="Studies"><ul>${contents.join("")}</ul></nav>` : ""}
<main>${studies.map(article).join("\n")}</main>
</body></html>
`;
}

function article(h: History, k: number): string {
  const id = `study-${k + 1}`;
  const charts = [trajectoryChart(h), trainingChart(h), costChart(h)];
  const [relaxations, training, cost] = charts;
  return `<article id="${id}" aria-labelledby="${id}-name"><h2 id="${id}-name">${escaped(h.about.name)}</h2>
<p>${escaped(subject(h.about))}</p>
${warningList(h.messages)}
<h3>Result</h3>${verdictNote(h)
    .map((note) => `<p>${escaped(note)}</p>`)
    .join("")}${htmlTable(spreadTable(h), spreadNote(h))}
<details><summary>Every relaxation</summary>
${htmlTable(memberTable(h.summary), memberNote(h))}</details>
<h3>Relaxations</h3>${figure(relaxations)}${structureDrawing(h)
    .map((b) => structureFigure(b, structureWords(h.about)))
    .join("")}
<h3>Training</h3>${figure(training)}
<h3>Cost of each QM image</h3>${figure(cost)}
${latticeTable(h)}<h3>QM calls by reason</h3>${callTables(h)}
<h3>What was calculated</h3>${facts(h)}
<details><summary>Settings of the study</summary><pre>${escaped(pretty(h.about.settings))}</pre></details>
${eventList(h.messages)}</article>`;
}

function figure(chart: Chart): string {
  const drawing = svgDocument(chart.title, chart.description, [chartBlock(chart, true)], null);
  return `<figure>${drawing}<figcaption>${escaped(chart.caption)}</figcaption></figure>`;
}

function structureFigure(block: Block, words: string): string {
  return `<figure>${svgDocument("Structure", words, [block], null)}<figcaption>${words}</figcaption></figure>`;
}

function callTables(h: History): string {
  if (h.calls.length === 0) return "<p>The QM engine has not been called yet.</p>";
  const kinds = callKinds(h.calls);
  const total = `${counted(h.about.qmCalculated, "QM image")} calculated in ${duration(h.about.qmSeconds)}; stored ones had been before. ${engineSentence(h.about.engine)}.`;
  const every = htmlTable(callTable(h.calls), "In the order of the first call.");
  const more = kinds.length < h.calls.length ? `<details><summary>Every reason</summary>\n${every}</details>` : "";
  return htmlTable(callTable(kinds), total) + more;
}

/** What the lattice gate compared, if there was one. */
function latticeTable({ lattice, messages }: History): string {
  const gate = messages.find((m) => m.kind === "gate");
  if (!gate) return "";
  const words = `${gate.message}.`;
  const columns = [
    { name: "surface", unit: "" },
    { name: "a", unit: "Å" },
    { name: "bulk modulus", unit: "GPa" },
    { name: "QM energy above its least", unit: "meV/atom" },
  ];
  const rows = lattice.map((r) => [
    r.member === null ? "QM" : `model ${r.member}`,
    fixed(r.a, 4),
    fixed(r.bulkModulus, 1),
    fixed(r.energyError === null ? null : 1000 * r.energyError, 3),
  ]);
  return `<h3>Lattice constant</h3>${rows.length === 0 ? `<p>${escaped(words)}</p>` : htmlTable({ columns, rows }, words)}\n`;
}

function facts(h: History): string {
  const a = h.about;
  const versions = Object.entries(JSON.parse(a.versions) as Record<string, string>).map(([name, version]) => `${name} ${version}`);
  const schemes = [...new Set(h.summary.map((r) => schemeName(r.scheme)))];
  const rows: [string, string][] = [
    ["System", `${a.formula}, ${counted(a.atoms, "atom")}; ${clusterWords(a)} within ${bufferWords(a)}`],
    ["Charge and spin", stated(a)],
    ["Periodic", a.pbc === "FFF" ? "no" : `along ${[..."abc"].filter((_, k) => a.pbc[k] === "T").join(", ")}`],
    ["QM engine", engineSentence(a.engine).replace(/^QM engine: /, "")],
    ["Schemes", schemes.join(", ")],
    ["Models", `${a.members}, from seed ${a.seed}`],
    ["Pre-training", counted(a.pretrainingImages, "QM image")],
    ["Tolerance of a model", `${a.energyTolerance} eV/atom and ${a.forceTolerance} eV/Å`],
    ["A relaxation ends at", `fmax ${a.fmax} eV/Å`],
    ["Started", a.started === null ? "–" : instant(new Date(1000 * a.started))],
    ["Took", a.seconds === null ? "not finished" : duration(a.seconds)],
    ["Versions", versions.join(", ")],
  ];
  return `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value === "" ? "–" : value)}</dd>`).join("")}</dl>`;
}

/** Of the whole structure and of the QM cluster, as far as they are known. */
function stated(a: AboutRow): string {
  const [whole, cluster] = [stateWords(a.engine, a.charge, a.multiplicity), stateWords(a.engine, a.clusterCharge, a.clusterMultiplicity)];
  return cluster === "" ? "" : `${whole}; QM cluster: ${cluster}`;
}

function warningList(messages: readonly MessageRow[]): string {
  const serious = messages.filter((m) => m.serious);
  if (serious.length === 0) return "<p>No warning was given.</p>";
  const items = serious.map((m) => `<li class="serious">${escaped(`${placed(m)}${m.message}`)}</li>`);
  return `<h3>Warnings</h3><ul class="messages">${items.join("")}</ul>`;
}

function eventList(messages: readonly MessageRow[]): string {
  const calm = messages.filter((m) => !m.serious);
  if (calm.length === 0) return "";
  const items = calm.map((m) => `<li>${escaped(`${m.kind}: ${placed(m)}${m.message}`)}</li>`);
  return `<details><summary>Other messages of the journal</summary><ul class="messages">${items.join("")}</ul></details>`;
}

function pretty(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}

function instant(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
