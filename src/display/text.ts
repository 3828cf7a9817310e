/** A chart as text of at most 100 columns: for each curve its ends and a sparkline, for each bar its number. */
import { median } from "../history/spread.ts";
import { axisTitle, type Chart, type Dots, type Line, type Mark, type Panel } from "./chart.ts";
import { significant } from "./numbers.ts";

const COLUMNS = 100;
const SPARK = 20;
const BLOCKS = "▁▂▃▄▅▆▇█";

/** The chart in words and blocks. */
export function chartText(chart: Chart): string {
  const panels = chart.rows.flatMap((row) => row.panels).map(panelText);
  const words = (text: string): string[] => (text === "" ? [] : folded(text));
  return [...folded(chart.title), ...words(chart.subtitle), ...panels, ...words(chart.caption)].join("\n");
}

/** Text broken at spaces, not at those that do not break, into lines of at most 100 columns, or as many as said. */
export function folded(text: string, columns: number = COLUMNS): string[] {
  const lines: string[] = [];
  for (const word of text.split(/[^\S\u00a0]+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Values as blocks from low to high, at most 20 of them; a longer list is sampled evenly. A space stands for what cannot be shown. */
export function sparkline(values: readonly number[], log = false): string {
  const count = Math.min(values.length, SPARK);
  const sampled = Array.from({ length: count }, (_, k) => values[count === 1 ? 0 : Math.round((k * (values.length - 1)) / (count - 1))]);
  const mapped = sampled.map((v) => (log ? (v > 0 ? Math.log(v) : Number.NaN) : v));
  const known = mapped.filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return mapped.map((v) => (Number.isFinite(v) ? BLOCKS[high === low ? 0 : Math.round(((v - low) / (high - low)) * 7)] : " ")).join("");
}

/** Lines of one group that are written one by one; more are written as their median and range. */
const SINGLY = 3;
/** Marked points of one kind whose words are written. */
const FEW = 5;

function panelText(panel: Panel): string {
  const lines = panel.marks.flatMap((m) => {
    const group = m.mark === "line" ? panel.marks.filter((o): o is Line => o.mark === "line" && o.group === m.group) : [];
    if (group.length <= SINGLY) return markText(m, panel);
    return group[0] === m ? [manyText(group, panel)] : [];
  });
  const shown = lines.length > 0 ? lines : [`  ${panel.empty ?? "nothing yet"}`];
  return [`  ${panel.title === "" ? "" : `${panel.title}: `}${axisTitle(panel.y)} against ${axisTitle(panel.x)}`, ...shown].join("\n");
}

function markText(mark: Mark, panel: Panel): string[] {
  switch (mark.mark) {
    case "rule":
      return [line(mark.name, significant(mark.y))];
    case "line":
      return [
        line(
          mark.name,
          mark.y.length === 0 ? "" : `${ends(mark.y.filter((v) => !Number.isNaN(v)))}  ${sparkline(mark.y, panel.y.scale === "log")}`,
        ),
      ];
    case "bars":
      return panel.x.categories
        ? mark.titles.flatMap(cut)
        : cut(
            list(
              mark.name,
              mark.x,
              mark.to.map((v, k) => v - mark.from[k]),
            ),
          );
    case "levels":
      return panel.x.categories ? mark.titles.flatMap(cut) : cut(list(mark.name, mark.x, mark.y));
    case "dots":
      if (mark.shape === "disc") return alone(mark, panel) ? [line(mark.name, spread(mark.y))] : [];
      return cut(`${mark.group === "" ? mark.name : mark.group}: ${some(mark.titles).join("; ")}`);
    case "spans":
      return mark.titles.flatMap(cut);
    case "band":
    case "moments":
      return [];
  }
}

/** Whether no curve, bar or level of the panel sums up its raw points. */
function alone(mark: Dots, panel: Panel): boolean {
  return panel.marks.every((m) => m === mark || m.mark === "dots" || m.mark === "rule" || m.mark === "moments");
}

/** A single value, or the median of several and their range. */
function spread(values: readonly number[]): string {
  const known = values.filter((v) => !Number.isNaN(v));
  if (known.length < 2) return known.map((v) => significant(v)).join("");
  const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  return `median ${significant(median(known))}  ${significant(low)} to ${significant(high)}, ${known.length} points`;
}

/** The first few, and how many more there are. */
function some(titles: readonly string[]): readonly string[] {
  return titles.length <= FEW ? titles : [...titles.slice(0, FEW), `and ${titles.length - FEW} more`];
}

/** Curves of one group in one line: the median of those that get as far, unless the panel draws one, and where they end. */
function manyText(lines: readonly Line[], panel: Panel): string {
  const last = lines.map((l) => l.y[l.y.length - 1]);
  const [low, high] = [Math.min(...last), Math.max(...last)];
  const range = low === high ? `last ${significant(low)}` : `last ${significant(low)} to ${significant(high)}`;
  if (panel.marks.some((m) => m.mark === "line" && (m.weight === "median" || m.weight === "mean"))) return line(lines[0].group, range);
  const length = Math.max(...lines.map((l) => l.y.length));
  const middle = Array.from({ length }, (_, k) => median(lines.flatMap((l) => (k < l.y.length ? [l.y[k]] : []))));
  return line(lines[0].group, `${ends(middle)}  ${sparkline(middle, panel.y.scale === "log")}  ${range}`);
}

function list(name: string, x: readonly number[], y: readonly number[]): string {
  const said = (v: number): string => (Number.isInteger(v) ? String(v) : significant(v));
  return `${name}, ${x.map((v, k) => `${said(v)}:\u00a0${said(y[k])}`).join(", ")}`;
}

function ends(values: readonly number[]): string {
  return `${significant(values[0]).padStart(8)} → ${significant(values[values.length - 1]).padEnd(8)}`;
}

function line(name: string, rest: string): string {
  return `    ${name.length > 24 ? `${name.slice(0, 23)}…` : name.padEnd(24)} ${rest}`;
}

function cut(text: string): string[] {
  return folded(text, COLUMNS - 6).map((l, k) => (k === 0 ? `    ${l}` : `      ${l}`));
}
