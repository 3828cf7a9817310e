/**
 * A chart as a plotly figure: the same marks, with every raw value in `data`. Colours of the paper and text are the host's.
 */
import { type Axis, axisTitle, type Chart, type Dots, type Hue, type Mark, type Panel, runs, type Spans } from "./chart.ts";

/** A plotly figure, as `application/vnd.plotly.v1+json` carries it. */
export interface PlotlyFigure {
  readonly data: readonly Record<string, unknown>[];
  readonly layout: Record<string, unknown>;
  readonly config: Record<string, unknown>;
}

/** Colours that are legible on white and on near-black, since the figure cannot know where it is shown. */
const COLOURS: Record<Hue, string> = {
  "full-qm": "#808080",
  frozen: "#d55e00",
  retrained: "#1f87c4",
  committee: "#009e73",
  pretraining: "#cc79a7",
  qm: "#9a9a9a",
  other: "#e69f00",
  limit: "#8a8a8a",
  0: "#808080",
  1: "#e69f00",
  2: "#56b4e9",
  3: "#009e73",
  4: "#b0a400",
  5: "#1f78b4",
  6: "#d55e00",
  7: "#cc79a7",
};

/** Between panels beside each other, of the figure's width; between rows, pixels. */
const [ACROSS, BELOW] = [0.09, 78];

/** Pixels from the top of the first row to the bottom of the last. */
export function plottingHeight(chart: Chart): number {
  return chart.rows.reduce((sum, row) => sum + row.height, BELOW * (chart.rows.length - 1));
}

/**
 * The figure of a chart: one trace for each mark that is no rule, no moments and no spans, in their order.
 * @param across between panels beside each other, of the figure's width
 */
export function plotlyFigure(chart: Chart, colours: Readonly<Record<Hue, string>> = COLOURS, across: number = ACROSS): PlotlyFigure {
  const data: Record<string, unknown>[] = [];
  const axes: Record<string, unknown> = {};
  const shapes: unknown[] = [];
  const notes: unknown[] = [];
  const legend = new Set<string>();
  const total = plottingHeight(chart);
  let [top, index] = [1, 0];
  for (const row of chart.rows) {
    const high = row.height / total;
    const shares = row.panels.map((p) => p.share ?? 1);
    const unit = (1 - across * (shares.length - 1)) / shares.reduce((a, b) => a + b, 0);
    let left = 0;
    row.panels.forEach((panel, k) => {
      index += 1;
      const suffix = index === 1 ? "" : String(index);
      const ref = { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
      const right = left + shares[k] * unit;
      axes[`xaxis${suffix}`] = { ...axisOf(panel.x), domain: [left, right], anchor: ref.yaxis };
      axes[`yaxis${suffix}`] = { ...axisOf(panel.y), domain: [Math.max(0, top - high), top], anchor: ref.xaxis };
      const words = panel.marks.length === 0 ? [panel.title, panel.empty ?? "nothing yet"] : [panel.title];
      notes.push({
        text: words.join(": "),
        xref: "paper",
        yref: "paper",
        x: left,
        y: top,
        xanchor: "left",
        yanchor: "bottom",
        showarrow: false,
      });
      for (const mark of panel.marks) {
        if (mark.mark === "rule") shapes.push(ruleShape(mark, colours.limit, ref));
        else if (mark.mark === "moments") shapes.push(...mark.x.map((v, i) => momentShape(v, mark.titles[i], colours.limit, ref)));
        else if (mark.mark === "spans") shapes.push(...mark.x.map((_, i) => spanShape(mark, i, colours[mark.hue], ref)));
        else
          for (const trace of traces(mark, panel, colours[mark.hue])) data.push({ ...trace, ...ref, ...entry(mark.group, trace, legend) });
      }
      left = right + across;
    });
    top -= high + BELOW / total;
  }
  const height = 200 + total;
  const title = { text: `${plain(chart.title)}<br><sub>${plain(chart.subtitle)}</sub>` };
  const layout = {
    title,
    height,
    // No key of the layout without bars.
    ...(data.some((t) => t.type === "bar") && { barmode: "overlay" }),
    showlegend: true,
    hovermode: "closest",
    annotations: notes.map(safe),
    shapes,
    ...axes,
  };
  return { data, layout, config: { displaylogo: false, responsive: true } };
}

const SYMBOLS: Record<Dots["shape"], string> = {
  disc: "circle",
  ring: "circle-open",
  cross: "x-thin-open",
  triangle: "triangle-down-open",
  diamond: "diamond-open",
};

function traces(mark: Exclude<Mark, { mark: "rule" | "moments" | "spans" }>, panel: Panel, color: string): Record<string, unknown>[] {
  const base = { name: plain(mark.name), x: mark.x, type: "scatter" };
  switch (mark.mark) {
    case "line":
      return [
        {
          ...base,
          x: mark.x.map(gap),
          y: mark.y.map(gap),
          mode: mark.titles ? "lines+markers" : "lines",
          ...(mark.titles && { marker: { size: 4 } }),
          line: { color, width: mark.weight === "model" ? 1 : 2.5, dash: mark.hue === "frozen" ? "dash" : "solid" },
          opacity: mark.weight === "model" ? 0.6 : 1,
        },
      ];
    case "band": {
      const rounds = runs(mark.low).map((run) => ({ there: run, back: run.toReversed() }));
      const x = rounds.flatMap(({ there, back }) => [...there, ...back].map((k): number | null => mark.x[k]).concat(null));
      const y = rounds.flatMap(({ there, back }) => [
        ...there.map((k): number | null => mark.high[k]),
        ...back.map((k) => mark.low[k]),
        null,
      ]);
      return [{ ...base, x, y, mode: "lines", line: { width: 0, color }, fill: "toself", fillcolor: `${color}33`, hoverinfo: "skip" }];
    }
    case "bars":
      return [
        {
          ...base,
          type: "bar",
          y: mark.to.map((v, k) => v - mark.from[k]),
          base: mark.from,
          ...(mark.width !== undefined && { width: mark.width }),
          marker: { color },
          opacity: mark.pale ? 0.35 : 1,
        },
      ];
    case "levels":
      return [{ ...base, y: mark.y, mode: "markers", marker: { color, size: 18, symbol: "line-ew-open", line: { width: 3, color } } }];
    case "dots": {
      const symbol = SYMBOLS[mark.shape];
      const apart = panel.x.categories !== undefined || mark.offset !== undefined;
      const x = apart ? mark.x.map((v, k) => v + (mark.offset?.[k] ?? 0)) : mark.x;
      const array = mark.errors?.map((v) => (v > 0 ? v : 0));
      const error_y = array && { error_y: { type: "data", array, visible: true, color, thickness: 1.2, width: 3 } };
      const marker = { color, size: mark.shape === "disc" ? 6 : 8, symbol };
      return [{ ...base, x, y: mark.y, mode: "markers", text: mark.titles.map(plain), hoverinfo: "text", marker, ...error_y }];
    }
  }
}

function axisOf(axis: Axis): Record<string, unknown> {
  const common = { title: { text: plain(axisTitle(axis)) }, type: axis.scale ?? "linear", automargin: true, zeroline: false };
  if (axis.categories === undefined) return common;
  const tickvals = axis.categories.map((_, k) => k);
  // Plotly divides by the range, which one without categories has to have as well.
  const range = [-0.5, Math.max(1, tickvals.length) - 0.5];
  return { ...common, tickmode: "array", tickvals, ticktext: axis.categories.map(plain), range };
}

interface AxisNames {
  readonly xaxis: string;
  readonly yaxis: string;
}

function ruleShape(mark: Extract<Mark, { mark: "rule" }>, color: string, ref: AxisNames): Record<string, unknown> {
  const line = { color, width: 1, dash: "dash" };
  return {
    type: "line",
    xref: `${ref.xaxis} domain`,
    yref: ref.yaxis,
    x0: 0,
    x1: 1,
    y0: mark.y,
    y1: mark.y,
    line,
    label: { text: plain(mark.name) },
  };
}

function spanShape(mark: Spans, k: number, color: string, ref: AxisNames): Record<string, unknown> {
  const name = plain(mark.titles[k]);
  const label = { text: name, textposition: "middle", textangle: 0, xanchor: mark.side === "right" ? "left" : "right", padding: 6 };
  const [x, line] = [mark.x[k], { color, width: 1.2 }];
  return { type: "line", xref: ref.xaxis, yref: ref.yaxis, x0: x, x1: x, y0: mark.from[k], y1: mark.to[k], line, name, label };
}

function momentShape(x: number, name: string, color: string, ref: AxisNames): Record<string, unknown> {
  const line = { color, width: 1, dash: "dot" };
  return { type: "line", xref: ref.xaxis, yref: `${ref.yaxis} domain`, x0: x, x1: x, y0: 0, y1: 1, line, name: plain(name) };
}

/** JSON knows no NaN; plotly lifts the pen at null. */
function gap(v: number): number | null {
  return Number.isNaN(v) ? null : v;
}

function entry(group: string, trace: Record<string, unknown>, seen: Set<string>): Record<string, unknown> {
  const showlegend = group !== "" && !seen.has(group);
  seen.add(group);
  return showlegend ? { legendgroup: group, showlegend, name: plain(group), hovertext: trace.name } : { legendgroup: group, showlegend };
}

/** Plotly reads a little HTML in its texts. */
function plain(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function safe(note: unknown): unknown {
  const { text, ...rest } = note as { text: string };
  return { ...rest, text: plain(text) };
}
