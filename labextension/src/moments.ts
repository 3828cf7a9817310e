/**
 * Moments along x over a drawn graph, such as the QM images of a training: a dotted line each, with its number at the top. They are no shapes
 * of the graph, because plotly takes half a millisecond for each, in every drawing.
 */
import type Plotly from "plotly.js-basic-dist-min";
import type { Chart } from "../../src/display/chart.ts";
import { element } from "./dom.ts";

/** Pixels between the numbers of two moments; one that would touch the one before it is left out, its line stays. */
const APART = 15;

/** Where a line is, pixels. */
interface Placed {
  readonly left: number;
  readonly top: number;
  readonly height: number;
  readonly name: string;
  readonly text: string;
}

/** Puts the moments of a chart where the axes of its panels are; elements are kept and moved. */
export function placeMoments(node: HTMLElement, chart: Chart, axes: Readonly<Record<string, Plotly.DrawnAxis | undefined>>): void {
  const placed = chart.rows
    .flatMap((r) => r.panels)
    .flatMap((panel, k) => {
      const suffix = k === 0 ? "" : String(k + 1);
      const [across, up] = [axes[`xaxis${suffix}`], axes[`yaxis${suffix}`]];
      if (!across || !up) return [];
      let free = -Infinity;
      return panel.marks.flatMap((mark): Placed[] => {
        if (mark.mark !== "moments") return [];
        return mark.x.flatMap((x, i) => {
          const at = across.d2p(x);
          if (!(at >= 0 && at <= across._length)) return [];
          const shown = at >= free;
          if (shown) free = at + APART;
          const name = mark.titles[i];
          return [{ left: across._offset + at, top: up._offset, height: up._length, name, text: shown ? name.replace(/^image /, "") : "" }];
        });
      });
    });
  while (node.childElementCount > placed.length) node.lastElementChild?.remove();
  for (const [k, { left, top, height, name, text }] of placed.entries()) {
    const line = (node.children[k] as HTMLElement | undefined) ?? node.appendChild(element("span"));
    Object.assign(line.style, { left: `${left}px`, top: `${top}px`, height: `${height}px` });
    line.dataset.moment = name;
    line.dataset.number = text;
  }
}
