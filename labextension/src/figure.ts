/**
 * A chart as the plotly figure of a notebook: that of `display`, in the page's colours and font, with the legend over the panels, what each
 * point says, the numbers of models over the bars, and the images at the retraining moments.
 */
import { type Axis, axisTitle, type Chart, extentX, extentY, type Mark, type Panel } from "../../src/display/chart.ts";
import { type PlotlyFigure, plotlyFigure, plottingHeight } from "../../src/display/plotly.ts";
import type { Look } from "./look.ts";

/** A mark that has a trace of its own. */
type Drawn = Exclude<Mark, { mark: "rule" | "moments" }>;

/** Pixels over the first panel: for two lines of the legend and for the panels' names; and under the last. */
const [LEGEND, NAMES, BOTTOM] = [58, 26, 46];
/** Height of a chart's figure, pixels. */
export function figureHeight(chart: Chart): number {
  return LEGEND + NAMES + BOTTOM + plottingHeight(chart);
}

/** Marks in the order of the figure's traces. */
function drawnMarks(chart: Chart): Drawn[] {
  return panelsOf(chart).flatMap((p) => p.marks.filter((m): m is Drawn => m.mark !== "rule" && m.mark !== "moments"));
}

/** The figure of a chart. */
export function themedFigure(chart: Chart, look: Look): PlotlyFigure {
  const { data, layout } = plotlyFigure(chart, look.hues);
  const height = figureHeight(chart);
  const marks = drawnMarks(chart);
  const axes = panelsOf(chart).flatMap((panel, k) => {
    const suffix = k === 0 ? "" : String(k + 1);
    const [x, y] = [`xaxis${suffix}`, `yaxis${suffix}`];
    return [
      [x, { ...(layout[x] as object), ...lines(look), ...xAxis(panel), showgrid: false, visible: panel.marks.length > 0 }],
      [y, { ...(layout[y] as object), ...lines(look), ...yAxis(panel), gridcolor: look.grid, visible: panel.marks.length > 0 }],
    ] as const;
  });
  return {
    data: data.map((trace, k) => ({ ...trace, ...spoken(marks[k]) })),
    layout: {
      ...axesFont(layout, axes),
      title: undefined,
      height,
      autosize: true,
      margin: { l: 8, r: 12, t: LEGEND + NAMES, b: BOTTOM },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: look.font, size: 11.5, color: look.ink },
      hoverlabel: { bgcolor: look.paper, bordercolor: look.soft, font: { family: look.font, size: 11.5, color: look.ink } },
      // By the figure's edge, since axes that make room for their words move the panels.
      legend: {
        orientation: "h",
        x: 0,
        xanchor: "left",
        y: 1 - LEGEND / height,
        yanchor: "bottom",
        yref: "container",
        font: { size: 11.5 },
      },
      annotations: [...named(chart, layout, look), ...counts(chart, look)],
      shapes: shapesOf(layout, look),
      modebar: { bgcolor: "rgba(0,0,0,0)", color: look.soft, activecolor: look.ink, orientation: "h" },
      // The reader's zoom outlives an update.
      uirevision: "reader",
    },
    config: { displaylogo: false, modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]] },
  };
}

function panelsOf(chart: Chart): Panel[] {
  return chart.rows.flatMap((r) => r.panels);
}

function axesFont(layout: Record<string, unknown>, axes: readonly (readonly [string, object])[]): Record<string, unknown> {
  return { ...layout, ...Object.fromEntries(axes) };
}

function lines(look: Look): Record<string, unknown> {
  return {
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
  if (!panel.x.whole || values.length === 0) return { title, ...zero(panel.x) };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = panel.marks.some((m) => m.mark === "bars") ? 0.6 : 0.03 * Math.max(1, high - low);
  return { title, range: [low - pad, high + pad], ...(high - low <= 12 && { dtick: 1 }) };
}

function yAxis(panel: Panel): Record<string, unknown> {
  const values = panel.marks.flatMap(extentY).filter((v) => v > 0);
  const wide = Math.max(...values) > 30 * Math.min(...values);
  return {
    title: { text: axisTitle(panel.y), standoff: 8, font: { size: 11.5 } },
    ...zero(panel.y),
    ...(panel.y.scale === "log" && { dtick: wide ? 1 : "D2", exponentformat: "power", minor: { ticks: "outside", ticklen: 2.5 } }),
  };
}

function zero(axis: Axis): Record<string, unknown> {
  return axis.reach === 0 ? { rangemode: "tozero" } : {};
}

/** What a trace's points say, and the real name of a trace that stands in the legend for its group. */
function spoken(mark: Drawn): Record<string, unknown> {
  if ("titles" in mark && mark.titles) return { hovertext: mark.titles.map(plain), hoverinfo: "text", text: undefined, meta: mark.name };
  if (mark.mark === "line") return { hovertemplate: `${plain(mark.name)}: %{y:.3g}<extra></extra>`, meta: mark.name };
  return { meta: mark.name };
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
function counts(chart: Chart, look: Look): unknown[] {
  return panelsOf(chart).flatMap((panel, k) => {
    const suffix = k === 0 ? "" : String(k + 1);
    const every = Math.ceil((panel.counts ?? []).length / 16);
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

/** The first shape of a name stands in the legend. */
function entry(name: string, seen: Set<string>): Record<string, unknown> {
  const showlegend = !seen.has(name);
  seen.add(name);
  return { name, showlegend, legendgroup: name };
}

/** Rules named at their right end, moments by the number of their image at the top. */
function shapesOf(layout: Record<string, unknown>, look: Look): unknown[] {
  const seen = new Set<string>();
  return (layout.shapes as { name?: string; label?: { text: string } }[]).map((shape) => ({
    ...shape,
    ...(shape.label && entry(shape.label.text, seen)),
    label: shape.label
      ? { ...shape.label, textposition: "end", yanchor: "bottom", font: { size: 10, color: look.soft } }
      : {
          text: (shape.name ?? "").replace(/^image /, ""),
          textposition: "end",
          textangle: 0,
          yanchor: "bottom",
          font: { size: 9.5, color: look.soft },
        },
  }));
}

/** Plotly reads a little HTML in its texts. */
function plain(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
