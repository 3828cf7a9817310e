/**
 * A chart as the plotly figure of a notebook: that of `display`, in the page's colours and font, with what each point says and the numbers of
 * models over the bars. Its margins are fixed and its key stands outside (`chartKey.ts`): for
 * plotly to measure words takes longer than to draw ten curves.
 */
import { type Axis, axisTitle, type Chart, extentX, extentY, type Mark, type Panel } from "../../src/display/chart.ts";
import { significant } from "../../src/display/numbers.ts";
import { type PlotlyFigure, plotlyFigure, plottingHeight } from "../../src/display/plotly.ts";
import type { Look } from "./look.ts";

/** A mark that has a trace of its own. */
type Drawn = Exclude<Mark, { mark: "rule" | "moments" | "spans" }>;

/** How a figure is shown. */
export interface Showing {
  /** Of the figure, pixels. */
  readonly width: number;
  /** Groups whose marks are hidden. */
  readonly hidden?: ReadonlySet<string>;
  /** Name of the curves that stand out; the other models' step back. */
  readonly picked?: string;
  /** Everything opaque, and thin curves less thin. */
  readonly contrast?: boolean;
}

/** Pixels over the first panel, for its name; under the last; left of the panels, for the words of an axis; right of the last. */
const [NAMES, BOTTOM, LEFT, RIGHT] = [30, 46, 64, 14];
/** Between panels beside each other, pixels. */
const BESIDE = LEFT + 18;
/** A figure narrower than this has its broad panels under each other. */
const NARROW = 620;
/** Pixels from one `n = 10` to the next. */
const COUNT = 40;

/** Height of a chart's figure, pixels. */
export function figureHeight(chart: Chart, width: number): number {
  return NAMES + BOTTOM + plottingHeight(arranged(chart, width));
}

/** The chart with its rows as they fit: the panels keep their order. */
function arranged(chart: Chart, width: number): Chart {
  if (width >= NARROW) return chart;
  // A panel that is but the beginning of the next stays beside it.
  const rows = chart.rows.flatMap(({ height, panels }) => {
    const broad = panels.filter((p) => (p.share ?? 1) >= 0.5).length;
    return broad < 2 ? [{ height, panels }] : panels.map((p) => ({ height, panels: [p] }));
  });
  return { ...chart, rows };
}

/** Marks in the order of the figure's traces. */
function drawnMarks(chart: Chart): Drawn[] {
  return panelsOf(chart).flatMap((p) => p.marks.filter((m): m is Drawn => m.mark !== "rule" && m.mark !== "moments" && m.mark !== "spans"));
}

/** The figure of a chart. */
export function themedFigure(whole: Chart, look: Look, showing: Showing): PlotlyFigure {
  const chart = arranged(whole, showing.width);
  const inner = Math.max(120, showing.width - LEFT - RIGHT);
  const { data, layout } = plotlyFigure(chart, look.hues, BESIDE / inner);
  const height = figureHeight(whole, showing.width);
  const marks = drawnMarks(chart);
  const axes = panelsOf(chart).flatMap((panel, k) => {
    const suffix = k === 0 ? "" : String(k + 1);
    const [x, y] = [`xaxis${suffix}`, `yaxis${suffix}`];
    return [
      [x, { ...(layout[x] as object), ...lines(look), ...xAxis(panel), showgrid: false, visible: panel.marks.length > 0 }],
      [y, { ...(layout[y] as object), ...lines(look), ...yAxis(panel, look), gridcolor: look.grid, visible: panel.marks.length > 0 }],
    ] as const;
  });
  return {
    data: data.map(({ text: _, ...trace }, k) => ({ ...trace, ...spoken(marks[k]), ...emphasis(marks[k], trace, showing, look) })),
    layout: {
      ...untitled(layout, axes),
      height,
      autosize: true,
      margin: { l: LEFT, r: RIGHT, t: NAMES, b: BOTTOM },
      showlegend: false,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: look.font, size: 11.5, color: look.ink },
      hoverlabel: { bgcolor: look.paper, bordercolor: look.soft, font: { family: look.font, size: 11.5, color: look.ink } },
      annotations: [...named(chart, layout, look), ...counts(chart, layout, look, inner)],
      shapes: shapesOf(layout, look),
      modebar: { bgcolor: "rgba(0,0,0,0)", color: look.soft, activecolor: look.ink, orientation: "h" },
      // The reader's zoom outlives an update.
      uirevision: "reader",
    },
    config: { displaylogo: false, modeBarButtons: [["zoom2d", "pan2d", "resetScale2d"]] },
  };
}

function panelsOf(chart: Chart): Panel[] {
  return chart.rows.flatMap((r) => r.panels);
}

/** The title stands over the figure. */
function untitled({ title: _, ...layout }: Record<string, unknown>, axes: readonly (readonly [string, object])[]): Record<string, unknown> {
  return { ...layout, ...Object.fromEntries(axes) };
}

function lines(look: Look): Record<string, unknown> {
  return {
    automargin: false,
    showline: true,
    linecolor: look.soft,
    ticks: "outside",
    ticklen: 4,
    tickcolor: look.soft,
    tickfont: { size: 10.5, color: look.soft },
  };
}

/** Whole numbers have room for a bar around each, the axes over each other the same. */
function xAxis(panel: Panel): Record<string, unknown> {
  const title = { text: axisTitle(panel.x), standoff: 6, font: { size: 11.5 } };
  if (panel.x.categories) return { title, range: [-0.5, Math.max(1, panel.x.categories.length) - 0.5] };
  const values = panel.marks.flatMap(extentX).filter((v) => Number.isFinite(v));
  if (values.length === 0 || panel.x.reach === 0) return { title, ...zero(panel.x) };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Panels over each other have the same axis, whatever their marks.
  if (!panel.x.whole) return { title, range: [low - 0.05 * (high - low || 1), high + 0.05 * (high - low || 1)] };
  const pad = panel.marks.some((m) => m.mark === "bars") ? 0.6 : 0.03 * Math.max(1, high - low);
  return { title, range: [low - pad, high + pad], ...(high - low <= 12 && { dtick: 1 }) };
}

function yAxis(panel: Panel, look: Look): Record<string, unknown> {
  let [low, high] = [Infinity, 0];
  for (const v of panel.marks.flatMap(extentY)) {
    if (v > high) high = v;
    if (v > 0 && v < low) low = v;
  }
  const wide = high > 30 * low;
  return {
    title: { text: axisTitle(panel.y), standoff: 8, font: { size: 11.5 } },
    ...zero(panel.y),
    ...(panel.y.scale === "log" && {
      dtick: wide ? 1 : "D2",
      exponentformat: "power",
      minor: { ticks: "outside", ticklen: 2.5 },
      // Plotly writes powers of ten a fourth larger.
      ...(wide && { tickfont: { size: 8.5, color: look.soft } }),
    }),
  };
}

function zero(axis: Axis): Record<string, unknown> {
  return axis.reach === 0 ? { rangemode: "tozero" } : {};
}

/** What a trace's points say, and the real name of a trace that stands in the legend for its group. */
function spoken(mark: Drawn): Record<string, unknown> {
  if ("titles" in mark && mark.titles) return { hovertext: mark.titles.map(plain), hoverinfo: "text", meta: mark.name };
  if (mark.mark === "line") return { hovertemplate: `${plain(mark.name)}: %{y:.3g}<extra></extra>`, meta: mark.name };
  return { meta: mark.name };
}

/** What is picked stands out, what is hidden is not there. */
function emphasis(mark: Drawn, trace: Record<string, unknown>, { hidden, picked, contrast }: Showing, look: Look): Record<string, unknown> {
  const visible = !hidden?.has(mark.group);
  if (mark.mark !== "line") return { visible };
  const chosen = mark.name === picked;
  const thin = mark.weight === "model";
  const back = picked !== undefined && thin && !chosen;
  const width = chosen ? 3 : thin && contrast ? 1.5 : (trace.line as { width: number }).width;
  const line = { ...(trace.line as object), width, ...(chosen && { color: look.ink }) };
  return { visible, line, opacity: back ? 0.25 : chosen || contrast ? 1 : trace.opacity };
}

/** The panels' names, bold at their upper left, and in the middle of an empty one why it is. */
function named(chart: Chart, layout: Record<string, unknown>, look: Look): unknown[] {
  const places = layout.annotations as { x: number; y: number }[];
  return panelsOf(chart).flatMap((panel, k) => {
    const place = { ...places[k], text: `<b>${plain(panel.title)}</b>`, yshift: 12, font: { size: 12, color: look.ink } };
    if (panel.marks.length > 0) return [place];
    const [x, y] = ["xaxis", "yaxis"].map((axis) => {
      const { domain } = layout[k === 0 ? axis : `${axis}${k + 1}`] as { domain: [number, number] };
      return (domain[0] + domain[1]) / 2;
    });
    const why = {
      text: plain(panel.empty ?? ""),
      xref: "paper",
      yref: "paper",
      x,
      y,
      showarrow: false,
      font: { size: 11.5, color: look.soft },
    };
    return [place, why];
  });
}

/** `n = 10` over the bars of each panel. */
function counts(chart: Chart, layout: Record<string, unknown>, look: Look, inner: number): unknown[] {
  const room = roomOf(chart, layout, inner);
  return panelsOf(chart).flatMap((panel, k) => {
    const suffix = k === 0 ? "" : String(k + 1);
    const every = panel.x.categories ? 1 : Math.max(1, Math.ceil(COUNT * (room.get(`x${suffix}`) ?? 0)));
    return (panel.counts ?? [])
      .filter((_, at) => at % every === 0)
      .map(({ x, text }) => ({
        text: plain(text),
        x,
        xref: `x${suffix}`,
        y: 1,
        yref: `y${suffix} domain`,
        yanchor: "bottom",
        showarrow: false,
        font: { size: 9.5, color: look.soft },
      }));
  });
}

/** A shape of `display`'s figure. */
interface Shape {
  readonly y0: number;
  readonly label?: { readonly text: string; readonly textposition?: string };
}

/** Rules named with their value at their right end, spans beside their middle; moments stand over the figure (`moments.ts`). */
function shapesOf(layout: Record<string, unknown>, look: Look): unknown[] {
  return (layout.shapes as Shape[]).flatMap((shape) => {
    const { label, y0 } = shape;
    if (!label) return [];
    if (label.textposition) return [{ ...shape, label: { ...label, font: { size: 11, color: look.ink } } }];
    const text = `${label.text} ${significant(y0, 2)}`;
    const font = { size: 10, color: look.soft };
    return [{ ...shape, name: label.text, label: { text, textposition: "end", yanchor: "bottom", font } }];
  });
}

/** What one pixel is along each x axis, in its unit, as far as its data say. */
function roomOf(chart: Chart, layout: Record<string, unknown>, inner: number): ReadonlyMap<string, number> {
  return new Map(
    panelsOf(chart).map((panel, k) => {
      const suffix = k === 0 ? "" : String(k + 1);
      const { domain } = layout[`xaxis${suffix}`] as { domain: [number, number] };
      let [low, high] = panel.x.reach === 0 ? [0, 0] : [Infinity, -Infinity];
      for (const mark of panel.marks) {
        for (const v of extentX(mark)) {
          if (v < low) low = v;
          if (v > high) high = v;
        }
      }
      return [`x${suffix}`, Math.max(0, high - low) / ((domain[1] - domain[0]) * inner)];
    }),
  );
}

/** Plotly reads a little HTML in its texts. */
function plain(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
