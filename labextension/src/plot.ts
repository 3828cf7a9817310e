/** A plotly graph in the page: made when first seen, redrawn in place when its chart or the theme changed and it is on the screen. */
import type Plotly from "plotly.js-basic-dist-min";
import type { Chart, Hue } from "../../src/display/chart.ts";
import { element, whenResized, whenSeen } from "./dom.ts";
import { figureHeight, themedFigure } from "./figure.ts";
import { type Look, lookAt } from "./look.ts";

/** A point that was clicked: the name of its mark, and its x. */
export interface Clicked {
  readonly name: string;
  readonly x: number;
}

/** A point to be ringed: in the panel of that number, in its axes' units. */
export interface Marked {
  readonly panel: number;
  readonly x: number;
  readonly y: number;
  readonly hue: Hue;
}

/** Of the time that a drawing took, and ms: a study must not wait for the processor because somebody watches it. */
const [REST, LONGEST_REST] = [4, 1000];

/** A graph. */
export interface Plot {
  readonly node: HTMLElement;
  draw(chart: Chart): void;
  /** Rings round points, instead of those before. They lie over the graph, because plotly takes half a second to move a shape. */
  mark(points: readonly Marked[]): void;
  restyle(): void;
  dispose(): void;
}

/** @param name class of the graph's element, which carries plotly's `data` and `layout` */
export function plot(name: string, clicked?: (point: Clicked) => void): Plot {
  const graph = element("div", { class: `qmml-graph ${name}`, role: "img" }) as HTMLDivElement & Plotly.Graph;
  const rings = element("div", { class: "qmml-rings", "aria-hidden": "true" });
  const node = element("div", { class: "qmml-plot" }, graph, rings);
  let chart: Chart | undefined;
  let marks: readonly Marked[] = [];
  let plotly: typeof Plotly | undefined;
  let look: Look | undefined;
  let [seen, stale, busy, listening, gone] = [false, false, false, false, false];

  const ring = (): void => {
    const axes = graph._fullLayout;
    if (!axes || !look) return;
    const colours = look.hues;
    const drawn = marks.flatMap(({ panel, x, y, hue }) => {
      const suffix = panel === 0 ? "" : String(panel + 1);
      const [across, up] = [axes[`xaxis${suffix}`], axes[`yaxis${suffix}`]];
      const [left, top] = [across?.d2p(x), up?.d2p(y)];
      const inside = left >= 0 && left <= across._length && top >= 0 && top <= up._length;
      return inside ? [{ left: `${across._offset + left}px`, top: `${up._offset + top}px`, backgroundColor: colours[hue] }] : [];
    });
    while (rings.childElementCount > drawn.length) rings.lastElementChild?.remove();
    for (const [k, style] of drawn.entries())
      Object.assign(((rings.children[k] as HTMLElement | undefined) ?? rings.appendChild(element("span"))).style, style);
  };
  const listen = (): void => {
    listening = true;
    graph.on("plotly_afterplot", ring);
    graph.on("plotly_relayouting", ring);
    graph.on("plotly_click", ({ points: [point] }) => {
      if (typeof point?.x === "number") clicked?.({ name: String(point.data.meta ?? ""), x: point.x });
    });
  };
  const redraw = async (): Promise<void> => {
    stale = true;
    if (busy || gone || !seen || !chart || !graph.isConnected) return;
    busy = true;
    try {
      plotly ??= (await import("plotly.js-basic-dist-min")).default;
      while (stale && seen && !gone && graph.isConnected) {
        stale = false;
        look = lookAt(graph);
        const { data, layout, config } = themedFigure(chart, look);
        const start = performance.now();
        await plotly.react(graph, data, layout, config);
        if (!listening) listen();
        ring();
        const rest = Math.min(LONGEST_REST, REST * (performance.now() - start));
        await new Promise((resolve) => setTimeout(resolve, rest));
      }
    } finally {
      busy = false;
    }
  };
  const sight = whenSeen(graph, (visible) => {
    seen = visible;
    if (visible && stale) redraw();
  });
  const size = whenResized(graph, () => {
    if (busy) stale = true;
    else if (plotly && graph.isConnected && graph.offsetWidth > 0) plotly.Plots.resize(graph);
  });
  return {
    node,
    draw: (next) => {
      chart = next;
      graph.style.height = `${figureHeight(next)}px`;
      graph.setAttribute("aria-label", `${next.title}. ${next.description}`);
      redraw();
    },
    mark: (points) => {
      marks = points;
      ring();
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
