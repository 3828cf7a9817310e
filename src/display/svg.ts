/** A chart as SVG: panels on a common grid, the legend above the data and never in it. */
import { axisTitle, type Chart, extentX, extentY, type Mark, type Panel, type Row } from "./chart.ts";
import { escaped, textWidth } from "./markup.ts";
import { type Scale, scaleOf, type Tick } from "./scale.ts";
import { type Block, BOLD, END, label, labels, MIDDLE, paragraph, px, tag, WIDTH } from "./svgDocument.ts";
import { type Box, glyph, markBody } from "./svgMarks.ts";

const EDGE = 14;
/** Font sizes: of the smallest words, of ticks and captions, of the rest. */
const [TINY, SMALL, TEXT] = [9.5, 10.5, 11.5];
/** Order of drawing: raw dots come last, so that nothing hides them; medians lie over the curves of models, single curves under. */
const ORDER: readonly Mark["mark"][] = ["moments", "bars", "band", "rule", "line", "levels", "spans", "dots"];

/** The drawn chart. `bare` leaves title, subtitle and caption to the page around it. */
export function chartBlock(chart: Chart, bare = false): Block {
  const width = WIDTH - 2 * EDGE;
  const parts: string[] = [];
  let y = bare ? 4 : 22;
  if (!bare) {
    const subtitle = paragraph(EDGE, y + 18, chart.subtitle, width, TEXT, "soft");
    parts.push(label(EDGE, y, chart.title, 15, "ink", BOLD), subtitle.body);
    y += subtitle.height;
  }
  const legend = legendBlock(chart, y + (bare ? 10 : 20));
  parts.push(legend.body);
  y += legend.height + 10;
  const margins = columnMargins(chart);
  for (const row of chart.rows) {
    const block = rowBlock(row, y, margins);
    parts.push(block.body);
    y += block.height;
  }
  if (!bare) {
    const caption = paragraph(EDGE, y + 8, chart.caption, width, SMALL, "soft");
    parts.push(caption.body);
    y += caption.height + 6;
  }
  return { width: WIDTH, height: y, body: parts.join("") };
}

function rowBlock(row: Row, y: number, margins: Margins): Block {
  const shares = row.panels.map((p) => p.share ?? 1);
  const unit = (WIDTH - 2 * EDGE) / shares.reduce((a, b) => a + b, 0);
  const head = row.panels.some((p) => p.title !== "") ? 20 : 6;
  const words = row.panels.some((p) => p.counts !== undefined || p.marks.some((m) => m.mark === "moments")) ? 13 : 0;
  let x = EDGE;
  const bodies = row.panels.map((panel, k) => {
    const [left, right] = margins.get(columnOf(row, k)) ?? [0, 0];
    const box: Box = { left: x + left, top: y + head + words, width: shares[k] * unit - left - right, height: row.height };
    const title = panel.title === "" ? "" : label(x + left, y + 13, panel.title, 12, "ink", BOLD);
    const body = title + panelBody(panel, box, x + 9);
    x += shares[k] * unit;
    return body;
  });
  return { width: WIDTH, height: head + words + row.height + 46, body: bodies.join("") };
}

function panelBody(panel: Panel, box: Box, titleX: number): string {
  const { left, top, width, height } = box;
  const [right, bottom, middle] = [left + width, top + height, top + height / 2];
  const x = scaleOf(panel.x, panel.marks.flatMap(extentX), [left, right], Math.max(2, width / 46));
  const y = yScale(panel, [bottom, top]);
  const ticks = x.ticks.filter((t) => x.at(t.value) > left - 0.5 && x.at(t.value) < right + 0.5);
  const named = ticks.filter((t) => t.text !== "");
  const room = named.length > 1 ? Math.abs(x.at(named[1].value) - x.at(named[0].value)) : width;
  const every = (texts: readonly string[], size: number, apart: number): number =>
    Math.max(1, Math.ceil((6 + Math.max(0, ...texts.map((t) => textWidth(t, size)))) / apart));
  const tickStep = every(
    named.map((t) => t.text),
    SMALL,
    room,
  );
  const counts = panel.counts ?? [];
  const countStep = every(
    counts.map((c) => c.text),
    TINY,
    Math.abs(x.at(1) - x.at(0)),
  );
  const centre = (left + right) / 2;
  return [
    gridBody(y, left, right),
    ...drawingOrder(panel.marks).map((m) => markBody(m, x, y, box)),
    frameBody(ticks, x, y, box),
    labels(
      named.filter((_, k) => k % tickStep === 0).map((t) => ({ x: x.at(t.value), y: bottom + 15, text: t.text })),
      SMALL,
      "soft",
      MIDDLE,
    ),
    labels(
      y.ticks.filter((t) => t.text !== "").map((t) => ({ x: left - 7, y: y.at(t.value) + 3.6, text: t.text })),
      SMALL,
      "soft",
      END,
    ),
    labels(
      counts.filter((_, k) => k % countStep === 0).map((c) => ({ x: x.at(c.x), y: top - 5, text: c.text })),
      TINY,
      "soft",
      MIDDLE,
    ),
    label(centre, bottom + 31, axisTitle(panel.x), TEXT, "ink", MIDDLE),
    tag(
      "text",
      {
        class: "ink",
        fill: "currentColor",
        "font-size": String(TEXT),
        ...MIDDLE,
        transform: `translate(${px(titleX)} ${px(middle)}) rotate(-90)`,
      },
      escaped(axisTitle(panel.y)),
    ),
    panel.empty === undefined ? "" : label(centre, middle, panel.empty, TEXT, "soft", MIDDLE),
  ].join("");
}

function gridBody(y: Scale, left: number, right: number): string {
  const lines = y.ticks.filter((t) => t.text !== "").map((t) => `M${px(left)} ${px(y.at(t.value))}H${px(right)}`);
  return tag("path", { class: "grid", stroke: "currentColor", fill: "none", d: lines.join("") });
}

/** The two axes with their ticks; minor ones are shorter. */
function frameBody(xTicks: readonly Tick[], x: Scale, y: Scale, { left, top, width, height }: Box): string {
  const bottom = top + height;
  const ends = [
    ...xTicks.map((t) => `M${px(x.at(t.value))} ${px(bottom)}v${t.text === "" ? 2.5 : 4}`),
    ...y.ticks.map((t) => `M${px(left)} ${px(y.at(t.value))}h${t.text === "" ? -2.5 : -4}`),
  ];
  const d = `M${px(left)} ${px(top)}V${px(bottom)}H${px(left + width)}${ends.join("")}`;
  return tag("path", { class: "soft", stroke: "currentColor", fill: "none", d });
}

function drawingOrder(marks: readonly Mark[]): Mark[] {
  const weights = ["single", "model", "curve", "median", "mean"];
  const rank = (m: Mark): number => weights.length * ORDER.indexOf(m.mark) + (m.mark === "line" ? weights.indexOf(m.weight) : 0);
  return [...marks].sort((a, b) => rank(a) - rank(b));
}

/** The legend, from the groups of the marks in the order of their first. */
function legendBlock(chart: Chart, top: number): Block {
  const entries = new Map<string, Mark>();
  for (const mark of chart.rows.flatMap((r) => r.panels.flatMap((p) => p.marks))) {
    const name = mark.mark === "rule" ? mark.name : mark.group;
    if (name !== "" && !entries.has(name)) entries.set(name, mark);
  }
  const out: string[] = [];
  let [x, y] = [EDGE, top];
  for (const [name, mark] of entries) {
    const wide = 30 + textWidth(name, TEXT) + 16;
    if (x + wide > WIDTH - EDGE && x > EDGE) [x, y] = [EDGE, y + 18];
    out.push(glyph(mark, x, y - 4), label(x + 29, y, name, TEXT, "ink"));
    x += wide;
  }
  return { width: WIDTH, height: entries.size === 0 ? 0 : y - top + 18, body: out.join("") };
}

/** Left and right margin by column. */
type Margins = ReadonlyMap<string, readonly [number, number]>;

/** Panels stand in one column if their rows have as many panels. */
function columnOf(row: Row, k: number): string {
  return `${row.panels.length} ${k}`;
}

/** Margins that align the axes of a column: for the widest tick on the left, for the names of rules on the right. */
function columnMargins(chart: Chart): Margins {
  const margins = new Map<string, readonly [number, number]>();
  for (const row of chart.rows) {
    for (const [k, panel] of row.panels.entries()) {
      const ticks = yScale(panel, [row.height, 0]).ticks.map((t) => textWidth(t.text, SMALL));
      const [left, right] = margins.get(columnOf(row, k)) ?? [0, 0];
      const rule = panel.marks.some((m) => m.mark === "rule");
      margins.set(columnOf(row, k), [Math.max(left, 26 + Math.max(0, ...ticks)), Math.max(right, rule ? 40 : 12)]);
    }
  }
  return margins;
}

function yScale(panel: Panel, range: readonly [number, number]): Scale {
  return scaleOf(panel.y, panel.marks.flatMap(extentY), range, Math.max(2, Math.abs(range[0] - range[1]) / 38));
}
