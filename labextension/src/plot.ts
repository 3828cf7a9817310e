/** A plotly graph in the page: made when first seen, redrawn in place when its chart or the theme changed and it is on the screen. */
import type Plotly from "plotly.js-basic-dist-min";
import type { Chart, Hue } from "../../src/display/chart.ts";
import { chartKey } from "./chartKey.ts";
import { element, whenResized, whenSeen } from "./dom.ts";
import { figureHeight, themedFigure } from "./figure.ts";
import { type Look, lookAt } from "./look.ts";
import { placeMoments } from "./moments.ts";
import { inTurn } from "./pace.ts";

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

/** A graph. */
export interface Plot {
  readonly node: HTMLElement;
  /** @param chart or what makes it: asked when it is to be seen, and at once where nothing has been drawn yet */
  draw(chart: Chart | (() => Chart)): void;
  /** Rings round points, instead of those before. They lie over the graph, because plotly takes half a second to move a shape. */
  mark(points: readonly Marked[]): void;
  /** Lets the curves of a name stand out; undefined: none. */
  pick(name: string | undefined): void;
  restyle(): void;
  dispose(): void;
}

/** Pixels of a graph that nobody has laid out yet. */
const USUAL = 900;

/** @param name class of the graph's element, which carries plotly's `data` and `layout` */
export function plot(name: string, clicked?: (point: Clicked) => void): Plot {
  const graph = element("div", { class: `qmml-graph ${name}`, role: "figure" }) as HTMLDivElement & Plotly.Graph;
  const rings = element("div", { class: "qmml-rings", "aria-hidden": "true" });
  const key = chartKey(() => void redraw());
  const moments = element("div", { class: "qmml-moments", "aria-hidden": "true" });
  const node = element("div", { class: "qmml-plot" }, key.node, element("div", { class: "qmml-drawn" }, moments, graph, rings));
  let chart: Chart | undefined;
  let newer: (() => Chart) | undefined;
  let marks: readonly Marked[] = [];
  let picked: string | undefined;
  let plotly: typeof Plotly | undefined;
  let look: Look | undefined;
  let [seen, stale, waiting, listening, gone, drawn] = [false, false, false, false, false, 0];

  const ring = (): void => {
    const axes = graph._fullLayout;
    if (!axes || !look || !chart) return;
    placeMoments(moments, chart, axes);
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
  const size = (): number => {
    const width = graph.clientWidth || USUAL;
    if (chart) graph.style.height = `${figureHeight(chart, width)}px`;
    return width;
  };
  const take = (next: Chart): void => {
    [chart, newer] = [next, undefined];
    graph.setAttribute("aria-label", `${next.title}. ${next.description}`);
    size();
  };
  const canDraw = (): boolean => seen && !gone && graph.isConnected && chart !== undefined;
  const drawNow = async (): Promise<void> => {
    if (!canDraw() || !chart || !plotly) return;
    stale = false;
    if (newer) take(newer());
    look = lookAt(graph);
    key.set(chart, look);
    drawn = size();
    const showing = { width: drawn, hidden: key.hidden, contrast: wantsContrast(), ...(picked !== undefined && { picked }) };
    const { data, layout, config } = themedFigure(chart, look, showing);
    await plotly.react(graph, data, layout, config);
    if (!listening) listen();
    graph.dataset.drawings = String(Number(graph.dataset.drawings ?? 0) + 1);
    ring();
  };
  const redraw = async (): Promise<void> => {
    stale = true;
    if (waiting) return;
    waiting = true;
    try {
      while (stale && canDraw()) {
        plotly ??= (await import("plotly.js-basic-dist-min")).default;
        await inTurn(drawNow);
      }
    } finally {
      waiting = false;
    }
  };
  const sight = whenSeen(graph, (visible) => {
    seen = visible;
    if (visible && stale) redraw();
  });
  const measure = whenResized(graph, () => {
    if (graph.clientWidth > 0 && graph.clientWidth !== drawn) redraw();
  });
  return {
    node,
    draw: (next) => {
      if (typeof next !== "function") take(next);
      else if (chart) newer = next;
      else take(next());
      redraw();
    },
    mark: (points) => {
      marks = points;
      ring();
    },
    pick: (name) => {
      if (picked === name) return;
      picked = name;
      redraw();
    },
    restyle: () => void redraw(),
    dispose: () => {
      gone = true;
      sight.dispose();
      measure.dispose();
      plotly?.purge(graph);
    },
  };
}

/** Whether the reader has asked for high contrast, of the system or by JupyterLab's themes of that name. */
function wantsContrast(): boolean {
  return matchMedia("(prefers-contrast: more)").matches || /high contrast/i.test(document.body.dataset.jpThemeName ?? "");
}
