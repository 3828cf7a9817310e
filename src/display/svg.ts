/** A chart as SVG: panels on a common grid, the legend above the data and never in it. */
import { axisTitle, type Chart, type Dots, extentX, extentY, type Mark, type Moments, type Panel } from "./chart.ts";
import { escaped, textWidth } from "./markup.ts";
import { significant } from "./numbers.ts";
import { type Scale, scaleOf } from "./scale.ts";
import { type Block, label, paragraph, px, WIDTH } from "./svgDocument.ts";

const EDGE = 14;
const SMALL = 10.5;
const TEXT = 11.5;
/** Order of drawing: raw dots come last, so that nothing hides them; single curves and medians lie over those of models. */
const ORDER: readonly Mark["mark"][] = ["moments", "bars", "band", "rule", "line", "levels", "dots"];

/** The drawn chart. `bare` leaves title, subtitle and caption to the page around it. */
export function chartBlock(chart: Chart, bare = false): Block {
  const parts: string[] = [];
  let y = bare ? 4 : 22;
  if (!bare) {
    parts.push(label(EDGE, y, chart.title, 15, "ink", ' font-weight="600"'));
    if (chart.subtitle !== "") {
      const subtitle = paragraph(EDGE, y + 18, chart.subtitle, WIDTH - 2 * EDGE, TEXT, "soft");
      parts.push(subtitle.body);
      y += subtitle.height;
    }
  }
  const legend = legendBlock(chart, y + (bare ? 10 : 20));
  parts.push(legend.body);
  y += legend.height + 10;
  const margins = columnMargins(chart);
  for (const row of chart.rows) {
    const shares = row.panels.map((p) => p.share ?? 1);
    const unit = (WIDTH - 2 * EDGE) / shares.reduce((a, b) => a + b, 0);
    const head = row.panels.some((p) => p.title !== "") ? 20 : 6;
    const counts = row.panels.some((p) => p.counts !== undefined || p.marks.some((m) => m.mark === "moments")) ? 13 : 0;
    let x = EDGE;
    row.panels.forEach((panel, k) => {
      const width = shares[k] * unit;
      const [left, right] = margins.get(`${row.panels.length} ${k}`) ?? [40, 12];
      if (panel.title !== "") parts.push(label(x + left, y + 13, panel.title, 12, "ink", ' font-weight="600"'));
      parts.push(panelBody(panel, { left: x + left, top: y + head + counts, width: width - left - right, height: row.height }, x + 9));
      x += width;
    });
    y += head + counts + row.height + 46;
  }
  if (!bare) {
    const caption = paragraph(EDGE, y + 2, chart.caption, WIDTH - 2 * EDGE, SMALL, "soft");
    parts.push(caption.body);
    y += caption.height;
  }
  return { width: WIDTH, height: y, body: parts.join("") };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function panelBody(panel: Panel, box: Box, titleX: number): string {
  const { left, top, width, height } = box;
  const [right, bottom] = [left + width, top + height];
  const x = scaleOf(panel.x, panel.marks.flatMap(extentX), [left, right], Math.max(2, width / 46));
  const y = yScale(panel, [bottom, top]);
  const out = [
    `<path class="grid" stroke="currentColor" fill="none" d="${y.ticks.map((t) => (t.text === "" ? "" : `M${px(left)} ${px(y.at(t.value))}H${px(right)}`)).join("")}"/>`,
  ];
  const rank = (m: Mark): number => 2 * ORDER.indexOf(m.mark) + (m.mark === "line" && m.weight !== "model" ? 1 : 0);
  const marks = [...panel.marks].sort((a, b) => rank(a) - rank(b));
  out.push(...marks.map((m) => markBody(m, x, y, box)));
  const xTicks = x.ticks.filter((t) => x.at(t.value) > left - 0.5 && x.at(t.value) < right + 0.5);
  const ends = [
    ...xTicks.map((t) => `M${px(x.at(t.value))} ${px(bottom)}v${t.text === "" ? 2.5 : 4}`),
    ...y.ticks.map((t) => `M${px(left)} ${px(y.at(t.value))}h${t.text === "" ? -2.5 : -4}`),
  ];
  out.push(`<path class="soft" stroke="currentColor" fill="none" d="M${px(left)} ${px(top)}V${px(bottom)}H${px(right)}${ends.join("")}"/>`);
  const words = xTicks.filter((t) => t.text !== "");
  const wide = Math.max(0, ...words.map((t) => textWidth(t.text, SMALL))) + 6;
  const room = words.length > 1 ? Math.abs(x.at(words[1].value) - x.at(words[0].value)) : width;
  const every = Math.max(1, Math.ceil(wide / room));
  words.forEach((t, k) => {
    if (k % every === 0) out.push(label(x.at(t.value), bottom + 15, t.text, SMALL, "soft", MIDDLE));
  });
  for (const t of y.ticks) if (t.text !== "") out.push(label(left - 7, y.at(t.value) + 3.6, t.text, SMALL, "soft", END));
  out.push(label((left + right) / 2, bottom + 31, axisTitle(panel.x), TEXT, "ink", MIDDLE));
  const middle = `${px(titleX)} ${px((top + bottom) / 2)}`;
  out.push(
    `<text class="ink" fill="currentColor" font-size="${TEXT}"${MIDDLE} transform="translate(${middle}) rotate(-90)">${escaped(axisTitle(panel.y))}</text>`,
  );
  panel.counts?.forEach((c, k) => {
    if (k % every === 0) out.push(label(x.at(c.x), top - 5, c.text, 9.5, "soft", MIDDLE));
  });
  if (panel.empty !== undefined) out.push(label((left + right) / 2, (top + bottom) / 2, panel.empty, TEXT, "soft", MIDDLE));
  return out.join("");
}

const MIDDLE = ' text-anchor="middle"';
const END = ' text-anchor="end"';

function markBody(mark: Mark, x: Scale, y: Scale, box: Box): string {
  if (mark.mark === "rule") {
    const at = px(y.at(mark.y));
    const value = label(box.left + box.width + 4, y.at(mark.y) + 3.5, significant(mark.y, 2), 9.5, "soft");
    return `<path class="h-limit" stroke="currentColor" stroke-dasharray="5 3" d="M${px(box.left)} ${at}h${px(box.width)}"><title>${escaped(mark.name)} ${significant(mark.y)}</title></path>${value}`;
  }
  const open = `<g class="h-${mark.hue}" stroke="currentColor" fill="none"`;
  const slot = Math.min(44, 0.72 * Math.abs(x.at(1) - x.at(0)));
  switch (mark.mark) {
    case "band": {
      const pieces = runs(mark.low).map((run) => {
        const upper = run.map((k) => `${px(x.at(mark.x[k]))} ${px(y.at(mark.high[k]))}`);
        const lower = run.map((k) => `${px(x.at(mark.x[k]))} ${px(y.at(mark.low[k]))}`).reverse();
        return `M${dedupe([...upper, ...lower]).join("L")}Z`;
      });
      return `<path class="h-${mark.hue}" fill="currentColor" fill-opacity=".16" d="${pieces.join("")}"/>`;
    }
    case "line": {
      const pieces = runs(mark.y).map((run) => `M${dedupe(run.map((k) => `${px(x.at(mark.x[k]))} ${px(y.at(mark.y[k]))}`)).join("L")}`);
      const [stroke, opacity, r] = mark.weight === "model" ? [1, 0.55, 1.5] : [2.2, 1, 2.2];
      const dash = mark.hue === "frozen" ? ' stroke-dasharray="5 2.5"' : "";
      const path = `<path stroke-width="${stroke}" stroke-opacity="${opacity}" stroke-linejoin="round"${dash} d="${pieces.join("")}"/>`;
      const dots = (mark.titles ?? []).map((t, k) => dot(x.at(mark.x[k]), y.at(mark.y[k]), r, t));
      return `${open}>${path}${dots.length === 0 ? "" : `<g fill="currentColor" stroke="none">${dots.join("")}</g>`}</g>`;
    }
    case "moments":
      return momentsBody(mark, x, box);
    case "bars": {
      const rects = mark.x.map((v, k) => {
        const [a, b] = [y.at(mark.from[k]), y.at(mark.to[k])];
        return `<rect x="${px(x.at(v) - slot / 2)}" y="${px(Math.min(a, b))}" width="${px(slot)}" height="${px(Math.abs(a - b))}"><title>${escaped(mark.titles[k])}</title></rect>`;
      });
      return `<g class="h-${mark.hue}" fill="currentColor"${mark.pale ? ' fill-opacity=".28"' : ""}>${rects.join("")}</g>`;
    }
    case "levels": {
      const lines = mark.x.map(
        (v, k) =>
          `<path d="M${px(x.at(v) - slot / 2)} ${px(y.at(mark.y[k]))}h${px(slot)}"><title>${escaped(mark.titles[k])}</title></path>`,
      );
      return `${open} stroke-width="2.2">${lines.join("")}</g>`;
    }
    case "dots": {
      const shapes = mark.x.map((v, k) => shape(mark.shape, x.at(v + (mark.offset?.[k] ?? 0)), y.at(mark.y[k]), mark.titles[k]));
      const paint =
        mark.shape === "disc"
          ? ' fill="currentColor" fill-opacity=".75" stroke="none"'
          : ' stroke="currentColor" stroke-width="1.5" fill="none"';
      return `<g class="h-${mark.hue}"${paint}>${shapes.join("")}</g>`;
    }
  }
}

/** Moments as dotted verticals; a name that would touch the one before it is left to the hover text. */
function momentsBody(mark: Moments, x: Scale, { top, height }: Box): string {
  let free = -Infinity;
  const out = mark.x.map((v, k) => {
    const at = x.at(v);
    const line = `<path class="h-limit" stroke="currentColor" stroke-opacity=".55" stroke-dasharray="1.5 2.5" d="M${px(at)} ${px(top)}v${px(height)}"><title>${escaped(mark.titles[k])}</title></path>`;
    if (at < free) return line;
    free = at + textWidth(mark.titles[k], 9.5) + 6;
    return line + label(at + 2, top - 4, mark.titles[k], 9.5, "soft");
  });
  return out.join("");
}

function shape(kind: Dots["shape"], x: number, y: number, title: string): string {
  if (kind === "disc") return dot(x, y, 2.6, title);
  if (kind === "ring") return dot(x, y, 4, title);
  return `<path d="M${px(x - 4)} ${px(y - 4)}l8 8m0-8l-8 8"><title>${escaped(title)}</title></path>`;
}

function dot(x: number, y: number, r: number, title: string): string {
  return `<circle cx="${px(x)}" cy="${px(y)}" r="${r}"><title>${escaped(title)}</title></circle>`;
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

/** A sample of a mark, 24 pixels wide. */
function glyph(mark: Mark, x: number, y: number): string {
  const hue = mark.mark === "rule" ? "limit" : mark.hue;
  const line = (width: number, dash = ""): string =>
    `<path class="h-${hue}" stroke="currentColor" stroke-width="${width}"${dash} d="M${px(x)} ${px(y)}h24"/>`;
  switch (mark.mark) {
    case "rule":
      return line(1, ' stroke-dasharray="5 3"');
    case "line":
      return line(mark.weight === "model" ? 1.2 : 2.2, mark.hue === "frozen" ? ' stroke-dasharray="5 2.5"' : "");
    case "levels":
      return line(2.2);
    case "moments":
      return `<path class="h-limit" stroke="currentColor" stroke-dasharray="1.5 2.5" d="M${px(x + 12)} ${px(y - 6)}v12"/>`;
    case "band":
    case "bars": {
      const opacity = mark.mark === "band" ? ".15" : mark.pale ? ".28" : "1";
      return `<rect class="h-${hue}" fill="currentColor" fill-opacity="${opacity}" x="${px(x + 4)}" y="${px(y - 5)}" width="16" height="10"/>`;
    }
    case "dots": {
      const paint = mark.shape === "disc" ? 'fill="currentColor"' : 'stroke="currentColor" stroke-width="1.5" fill="none"';
      return `<g class="h-${hue}" ${paint}>${shape(mark.shape, x + 12, y, mark.group)}</g>`;
    }
  }
}

/** Left and right margins that align the panels of a column: by number of panels in the row and place in it. */
function columnMargins(chart: Chart): Map<string, [number, number]> {
  const margins = new Map<string, [number, number]>();
  for (const row of chart.rows) {
    row.panels.forEach((panel, k) => {
      const key = `${row.panels.length} ${k}`;
      const ticks = yScale(panel, [row.height, 0]).ticks.map((t) => textWidth(t.text, SMALL));
      const [left, right] = margins.get(key) ?? [0, 0];
      margins.set(key, [Math.max(left, 26 + Math.max(0, ...ticks)), Math.max(right, panel.marks.some((m) => m.mark === "rule") ? 40 : 12)]);
    });
  }
  return margins;
}

function yScale(panel: Panel, range: readonly [number, number]): Scale {
  return scaleOf(panel.y, panel.marks.flatMap(extentY), range, Math.max(2, Math.abs(range[0] - range[1]) / 38));
}

/** Indices of each stretch of numbers between NaNs. */
function runs(values: readonly number[]): number[][] {
  const out: number[][] = [[]];
  values.forEach((v, k) => {
    if (Number.isNaN(v)) out.push([]);
    else out[out.length - 1].push(k);
  });
  return out.filter((run) => run.length > 0);
}

/** Points without immediate repetitions: they draw the same. */
function dedupe(points: readonly string[]): string[] {
  return points.filter((p, k) => k === 0 || p !== points[k - 1]);
}
