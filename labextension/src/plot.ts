/** A plotly graph in the page: made when first seen, redrawn in place when its chart or the theme changed and it is on the screen. */
import type Plotly from "plotly.js-basic-dist-min";
import type { Chart } from "../../src/display/chart.ts";
import { element, whenResized, whenSeen } from "./dom.ts";
import { figureHeight, themedFigure } from "./figure.ts";
import { type Look, lookAt } from "./look.ts";

/** A point that was clicked: the name of its mark, and its x. */
export interface Clicked {
  readonly name: string;
  readonly x: number;
}

/** A graph. */
export interface Plot {
  readonly node: HTMLElement;
  draw(chart: Chart): void;
  /** Shapes over the data, such as the mark of a frame; replaced as a whole. */
  mark(shapes: (look: Look) => readonly object[]): void;
  restyle(): void;
  dispose(): void;
}

/** @param name class of the graph's element, which carries plotly's `data` and `layout` */
export function plot(name: string, clicked?: (point: Clicked) => void): Plot {
  const graph = element("div", { class: `qmml-plot ${name}`, role: "img" }) as HTMLDivElement & Plotly.Graph;
  let chart: Chart | undefined;
  let marks: (look: Look) => readonly object[] = () => [];
  let plotly: typeof Plotly | undefined;
  let own: readonly object[] = [];
  let [seen, stale, busy, gone] = [false, false, false, false];

  const redraw = async (): Promise<void> => {
    stale = true;
    if (busy || gone || !seen || !chart || !graph.isConnected) return;
    busy = true;
    const first = plotly === undefined;
    plotly ??= (await import("plotly.js-basic-dist-min")).default;
    while (stale && !gone && graph.isConnected) {
      stale = false;
      const look = lookAt(graph);
      const { data, layout, config } = themedFigure(chart, look);
      own = layout.shapes as readonly object[];
      await plotly.react(graph, data, { ...layout, shapes: [...own, ...marks(look)] }, config);
    }
    busy = false;
    if (first && clicked) {
      graph.on("plotly_click", ({ points: [point] }) => {
        if (typeof point?.x === "number") clicked({ name: String(point.data.meta ?? ""), x: point.x });
      });
    }
  };
  const sight = whenSeen(graph, (visible) => {
    seen = visible;
    if (visible && stale) redraw();
  });
  const size = whenResized(graph, () => {
    if (plotly && !busy && graph.isConnected && graph.offsetWidth > 0) plotly.Plots.resize(graph);
  });
  return {
    node: graph,
    draw: (next) => {
      chart = next;
      graph.style.height = `${figureHeight(next)}px`;
      graph.setAttribute("aria-label", `${next.title}. ${next.description}`);
      redraw();
    },
    mark: (shapes) => {
      marks = shapes;
      if (plotly && !busy && seen && graph.isConnected) plotly.relayout(graph, { shapes: [...own, ...marks(lookAt(graph))] });
      else stale = true;
    },
    restyle: () => void redraw(),
    dispose: () => {
      gone = true;
      sight.dispose();
      size.dispose();
      plotly?.purge(graph);
    },
  };
}
