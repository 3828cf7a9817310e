/** What a run found, as Markdown: a table for each workload, ours against each other contender of the same task. */
import { type Curve, exponent, type Figure, type Findings, OURS } from "./figures.ts";
import type { Machine } from "./machine.ts";

/** A workload with what it found, or why it failed. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly findings?: Findings;
  readonly failure?: string;
}

/** A run. */
export interface Run {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly warning?: string;
  readonly quick: boolean;
  readonly sections: readonly Section[];
}

/** Sizes from which exponents are fitted are those of the upper part of the curve, at least three. */
const FITTED = 4;

/** The whole run as a page. */
export function page({ machine: m, versions, warning, quick, sections }: Run): string {
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [
    "# Bench",
    "",
    `${m.date} UTC, commit ${m.commit}, Node ${m.node}, ${m.cpu}, ${m.cores} cores, ${m.memory} GB, ${m.system}, load before the run ${m.load.toFixed(2)}.`,
    ...(others.length > 0 ? [`Compared with ${others.join(", ")}.`] : []),
    "Medians of wall time, in brackets the quartiles; CPU is the median of all threads' time. The ratio is qmml's time over the other's on as many",
    "threads, or at its best: below 1 qmml is faster. Quoted figures were measured elsewhere, on a like machine. Made by `npm run bench`.",
    ...(warning === undefined ? [] : ["", `**Warning:** ${warning}.`]),
    ...(quick ? ["", "**Quick run:** few rounds and small sizes; these figures mean little."] : []),
  ];
  return `${[...lines, ...sections.flatMap((s) => ["", ...sectionLines(s)])].join("\n")}\n`;
}

/** A workload's part of the page. */
export function sectionLines({ name, title, findings, failure }: Section): string[] {
  const head = [`## ${title} (\`${name}\`)`, ""];
  if (!findings) return [...head, `Failed: ${failure}`];
  const { figures, curves = [], checks = [] } = findings;
  return [
    ...head,
    ...checks.map((check) => `${check}.`),
    ...(checks.length > 0 ? [""] : []),
    ...(figures.length > 0 ? figureTable(figures) : []),
    ...(curves.length > 0 ? [...(figures.length > 0 ? [""] : []), ...curveTable(curves)] : []),
  ];
}

function figureTable(figures: readonly Figure[]): string[] {
  const tasks = [...new Set(figures.map((f) => f.task))];
  const byTask = [...figures].sort((a, b) => tasks.indexOf(a.task) - tasks.indexOf(b.task));
  const rows = byTask.map((f) => [
    f.task,
    f.who,
    f.threads === null ? "" : String(f.threads),
    f.quartiles ? `${time(f.seconds)} (${f.quartiles.map(time).join(" to ")})` : time(f.seconds),
    f.cpu === null ? "" : time(f.cpu),
    f.runs === 0 ? "" : String(f.runs),
    f.rate ? `${Math.round(f.rate.many / f.seconds).toLocaleString("en")} ${f.rate.unit}/s` : "",
    ratio(f, figures),
    f.bar === undefined ? "" : `${time(f.bar)} ${f.seconds <= f.bar ? "met" : "missed"}`,
    f.note ?? "",
  ]);
  const head = ["task", "by", "threads", "median", "CPU", "runs", "rate", "qmml / other", "bar", "note"];
  // A column that nobody fills is left out.
  const used = head.map((_, k) => k === 0 || rows.some((row) => row[k] !== ""));
  return markdownTable([head, ...rows].map((row) => row.filter((_, k) => used[k])));
}

function curveTable(curves: readonly Curve[]): string[] {
  const rows = curves.map((c) => {
    const sizes = c.points.map((p) => p.size);
    const cost = (value: number): string => (c.cost === "time" ? time(value) : `${value.toPrecision(3)} MB`);
    const [first, last] = [c.points[0], c.points[c.points.length - 1]];
    const from = sizes[Math.max(0, sizes.length - FITTED)];
    return [
      c.task,
      c.size,
      c.cost,
      `${first.size}: ${cost(first.cost)}`,
      `${last.size}: ${cost(last.cost)}`,
      exponent(c.points).toFixed(2),
      sizes.length > FITTED ? `${exponent(c.points, from).toFixed(2)} (from ${from})` : "",
      c.note ?? "",
    ];
  });
  const head = ["task", "over", "cost", "smallest", "largest", "exponent, all sizes", "exponent, upper sizes", "note"];
  const used = head.map((_, k) => k === 0 || rows.some((row) => row[k] !== ""));
  return markdownTable([head, ...rows].map((row) => row.filter((_, k) => used[k])));
}

/** Ours over theirs: against as many threads, or ours at its best. */
function ratio(f: Figure, all: readonly Figure[]): string {
  if (f.who === OURS) return "";
  const ours = all.filter((o) => o.task === f.task && o.who === OURS).sort((a, b) => a.seconds - b.seconds);
  const like = ours.find((o) => o.threads === f.threads) ?? ours[0];
  return like === undefined ? "" : (like.seconds / f.seconds).toPrecision(2);
}

/** A time with three digits in the unit that suits it. */
export function time(seconds: number): string {
  const [value, unit] = seconds >= 1 ? [seconds, "s"] : seconds >= 1e-3 ? [1e3 * seconds, "ms"] : [1e6 * seconds, "µs"];
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}

/** Rows as a table of Markdown, padded so that it can be read as it is; the first is the head. */
function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, k) => Math.max(3, ...rows.map((row) => row[k].length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, k) => cell.padEnd(widths[k])).join(" | ")} |`;
  return [line(rows[0]), `|${widths.map((w) => "-".repeat(w + 2)).join("|")}|`, ...rows.slice(1).map(line)];
}
