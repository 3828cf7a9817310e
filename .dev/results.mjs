/**
 * docs/results.md: what the notebooks found, beside the bars, and what the bench measured. Everything in it comes from docs/figures and
 * bench/results.
 */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { runsOf } from "./runs.mjs";

/** What `findings` saves: one row a claim. */
/** @typedef {{ claim: string, value: number | null, unit: string, bound: string, holds: boolean | null, note: string }} Finding */

const HEAD = `# Measured results

Each claim beside its bar, as the notebooks found it when they were executed; whether a bar is met is computed there. Where one is not, the notebook says
what is known of the reason. Made by \`npm run docs\` from \`docs/figures/\` and [the bench](../bench/results/latest.md).
`;

/**
 * @param {string} root
 * @returns {string} Markdown
 */
export function resultsPage(root) {
  const runs = runsOf(root);
  const files = globSync("docs/figures/*-findings.arrow", { cwd: root }).sort();
  const all = files.map((path) => ({ number: basename(path, "-findings.arrow"), findings: findingsIn(join(root, path)) }));
  const sections = all.map(({ number, findings }) => {
    const notebook = globSync(`notebooks/${number}-*.ipynb`, { cwd: root }).map((path) => basename(path, ".ipynb"))[0];
    const run = notebook === undefined ? undefined : runs[notebook];
    const origin = run ? `${run.date} UTC, commit ${run.commit}, ${run.machine}.` : "When and where it was executed was not recorded.";
    const title = notebook === undefined ? number : `[${titleOf(root, notebook)}](../notebooks/${notebook}.ipynb)`;
    return `## ${title}\n\n${origin}\n\n${tableOf(["claim", "measured", "bar", "met", "note"], findings.map(cellsOf))}`;
  });
  const rows = all.flatMap(({ findings }) => findings);
  const met = rows.filter((r) => r.holds === true).length;
  const open = rows.filter((r) => r.holds === null).length;
  const unmeasured = open > 0 ? `, ${open} not measured` : "";
  const summary =
    rows.length === 0
      ? "No notebook with findings has been executed yet: `npm run figures` executes them."
      : `**${met} of ${rows.length} bars are met**${unmeasured}.`;
  return [HEAD, `${summary}\n`, ...sections, benchSection(root)].join("\n");
}

/**
 * @param {Finding} finding
 * @returns {string[]}
 */
function cellsOf({ claim, value, unit, bound, holds, note }) {
  const said = unit === "1" ? "" : ` ${unit}`;
  const measured = value === null ? "" : `${Number.isInteger(value) ? value : Number(value.toPrecision(3))}${said}`;
  return [claim, measured, `${bound}${said}`, holds === null ? "not measured" : holds ? "yes" : "**no**", note];
}

/**
 * The bars of the last bench: rows of its tables with something in the column `bar`.
 * @param {string} root
 * @returns {string}
 */
function benchSection(root) {
  const text = readFileSync(join(root, "bench", "results", "latest.md"), "utf8");
  const origin = /^\d{4}-\d\d-\d\d .*$/m.exec(text)?.[0] ?? "";
  const rows = text.split("\n## ").flatMap((section) => {
    const title = section.split(" (`")[0];
    return section.split("\n\n").flatMap((block) => {
      const [head, , ...lines] = block.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
      const shown = ["task", "by", "threads", "median", "bar"].map((name) => head.indexOf(name));
      if (shown.includes(-1)) return [];
      const barred = lines.map((cells) => shown.map((k) => cells[k] ?? "")).filter((cells) => cells[4] !== "");
      return barred.map(([task, by, threads, median, bar]) => {
        const met = bar.endsWith(" met") ? "yes" : "**no**";
        return [title, task, by, threads, median.split(" (")[0], bar.replace(/ (met|missed)$/, ""), met];
      });
    });
  });
  return `## [Bench](../bench/results/latest.md)\n\n${origin}\n\n${tableOf(["of", "task", "by", "threads", "median", "bar", "met"], rows)}`;
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 * @returns {string} a table of Markdown
 */
function tableOf(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return [head, head.map(() => "---"), ...rows].map(line).join("");
}

/**
 * @param {string} path of an Arrow file
 * @returns {Finding[]}
 */
function findingsIn(path) {
  return tableFromIPC(readFileSync(path))
    .toArray()
    .map((row) => row.toJSON());
}

/**
 * @param {string} root
 * @param {string} notebook
 * @returns {string} its first heading
 */
export function titleOf(root, notebook) {
  const { cells } = JSON.parse(readFileSync(join(root, "notebooks", `${notebook}.ipynb`), "utf8"));
  return /^# (.+)$/m.exec([cells[0]?.source ?? ""].flat().join(""))?.[1] ?? notebook;
}
