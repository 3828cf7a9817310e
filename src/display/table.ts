/** The table that a study ends with, a row a scheme and, if asked, a row a model: described once, written as text, SVG and HTML. */
import type { History } from "../history/history.ts";
import { type SchemeSpread, type Spread, schemeSpreads } from "../history/spread.ts";
import type { SummaryRow } from "../history/summary.ts";
import { verdictOf } from "../history/verdict.ts";
import { textWidth } from "./markup.ts";
import { fixed, significant } from "./numbers.ts";
import { type Attributes, type Block, BOLD, END, label, paragraph, px, tag, WIDTH } from "./svgDocument.ts";
import { relaxationName, schemeName } from "./words.ts";

/** A table of words; the first column is the row's name. */
export interface TextTable {
  /** Two lines over each column: what, and its unit. */
  readonly columns: readonly { readonly name: string; readonly unit: string }[];
  readonly rows: readonly (readonly string[])[];
}

const COLUMNS = [
  { name: "scheme", unit: "" },
  { name: "converged", unit: "" },
  { name: "ΔE", unit: "meV" },
  { name: "core RMSD", unit: "Å" },
  { name: "steps", unit: "" },
  { name: "QM calls", unit: "" },
  { name: "QM", unit: "s" },
  { name: "training", unit: "s" },
];

/** Median and, in brackets, worst over the models, a row a scheme. */
export function spreadTable(h: Pick<History, "about" | "summary">): TextTable {
  return { columns: COLUMNS, rows: schemeSpreads(h.summary).map((s) => spreadRow(s, h.about.members)) };
}

/** Every relaxation, a row each. */
export function memberTable(rows: readonly SummaryRow[]): TextTable {
  return {
    columns: COLUMNS,
    rows: rows.map((r) => [
      relaxationName(r.scheme, r.member),
      r.failure !== null ? "failed" : r.converged ? "yes" : "no",
      r.energyError === null ? "–" : milli(1000 * r.energyError),
      fixed(r.coreRmsd, 3),
      String(r.steps),
      String(r.qmCalls),
      significant(r.qmSeconds),
      significant(r.trainingSeconds),
    ]),
  };
}

/** The table in columns of text, for a terminal: two spaces between them if these fit into 100, one otherwise. */
export function tableText(table: TextTable): string {
  const heads = [table.columns.map((c) => c.name), table.columns.map((c) => (c.unit === "" ? "" : `(${c.unit})`))];
  const widths = table.columns.map((_, k) => Math.max(...[...heads, ...table.rows].map((r) => r[k].length)));
  const gap = widths.reduce((a, b) => a + b + 2) > 100 ? " " : "  ";
  const line = (cells: readonly string[]): string =>
    cells
      .map((c, k) => (k === 0 ? c.padEnd(widths[k]) : c.padStart(widths[k])))
      .join(gap)
      .trimEnd();
  return [...heads.map(line), widths.map((w) => "─".repeat(w)).join(gap), ...table.rows.map(line)].join("\n");
}

/** The table as SVG under a title and a line on its subject, over notes. */
export function tableBlock(table: TextTable, title: string, subtitle: string, notes: readonly string[]): Block {
  const [edge, size, step] = [14, 11.5, 19];
  const wants = table.columns.map((c, k) => Math.max(textWidth(c.name, size), ...table.rows.map((r) => textWidth(r[k], size))));
  const spare = (WIDTH - 2 * edge - wants.reduce((a, b) => a + b, 0)) / (wants.length - 1);
  let x = edge;
  const at = wants.map((w, k) => {
    const place = k === 0 ? x : x + w;
    x += w + spare;
    return place;
  });
  const cell = (text: string, k: number, y: number, role: "ink" | "soft", more: Attributes = {}): string =>
    label(at[k], y, text, size, role, { ...(k > 0 && END), ...more });
  const line = (y: number, width: string): string =>
    tag("path", { class: "ink", stroke: "currentColor", "stroke-width": width, d: `M${edge} ${px(y)}H${WIDTH - edge}` });
  const under = paragraph(edge, 44, subtitle, WIDTH - 2 * edge, size, "soft");
  const top = 44 + under.height;
  const head = table.columns.map(
    (c, k) => cell(c.name, k, top + 16, "ink", BOLD) + cell(c.unit === "" ? "" : `(${c.unit})`, k, top + 30, "soft"),
  );
  const body = table.rows.map((r, j) => r.map((text, k) => cell(text, k, top + 54 + j * step, "ink")).join(""));
  const end = top + 54 + table.rows.length * step - 8;
  let below = end + 18;
  const words = notes.map((note) => {
    const block = paragraph(edge, below, note, WIDTH - 2 * edge, 10.5, "soft");
    below += block.height + 3;
    return block.body;
  });
  const lines = line(top, "1.2") + line(top + 37, ".6") + line(end, "1.2");
  return {
    width: WIDTH,
    height: below,
    body: label(edge, 26, title, 18, "ink", BOLD) + under.body + lines + head.join("") + body.join("") + words.join(""),
  };
}

/** Whether QM/ML paid, as a sentence, of a study that is finished. */
export function verdictNote(h: Pick<History, "about" | "summary" | "cost" | "steps">): string[] {
  return h.about.state === "finished" ? [`${verdictOf(h).sentence}.`] : [];
}

/** What the brackets mean and what is counted, said wherever the table is. */
export function spreadNote(h: Pick<History, "summary">): string {
  const committee = h.summary.some((r) => r.scheme === "committee") ? ` ${COMMITTEE_NOTE}` : "";
  return (
    "Median over the models, in brackets the worst. ΔE: full-QM energy of the final geometry above full QM's own minimum. QM calls, QM and " +
    `training seconds include pre-training and the lattice gate; the calls that only measured the errors are counted apart.${committee}`
  );
}

/** What the row of a committee counts. */
const COMMITTEE_NOTE =
  "The committee is one relaxation on the mean of the models: its QM calls are counted once, its training seconds are summed over the models.";

/** What the rows of the table of every relaxation are. */
export function memberNote(h: Pick<History, "summary">): string {
  const independent = h.summary.some((r) => r.scheme === "frozen" || r.scheme === "retrained");
  const words = independent ? ["Each model relaxes independently, with its own QM images."] : [];
  return [...words, ...(h.summary.some((r) => r.scheme === "committee") ? [COMMITTEE_NOTE] : [])].join(" ");
}

function spreadRow(s: SchemeSpread, models: number): string[] {
  const planned = s.scheme === "frozen" || s.scheme === "retrained" ? models : 1;
  const scaled = (v: Spread | null, factor: number): Spread | null => v && { ...v, median: factor * v.median, worst: factor * v.worst };
  return [
    schemeName(s.scheme),
    `${s.converged}/${planned}${s.failed > 0 ? `, ${s.failed} failed` : ""}`,
    both(scaled(s.energyError, 1000), milli),
    both(s.coreRmsd, (v) => fixed(v, 3)),
    both(s.steps, String),
    both(s.qmCalls, String),
    both(s.qmSeconds, (v) => significant(v, 2)),
    both(s.trainingSeconds, (v) => significant(v, 2)),
  ];
}

/** An energy in meV, to a tenth below 100. */
function milli(v: number): string {
  return fixed(v, Math.abs(v) < 100 ? 1 : 0);
}

/** `6.1 (11.2)`; a single number where there is one model. */
function both(s: Spread | null, text: (v: number) => string): string {
  if (s === null) return "–";
  return s.n === 1 ? text(s.median) : `${text(s.median)} (${text(s.worst)})`;
}
