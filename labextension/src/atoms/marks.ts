/** What stands over the atoms whoever draws them: rings round those that were picked, lines between them, and what was measured. */
import type { Look } from "../look.ts";
import { type Projection, projected } from "./camera.ts";

/** Marks, in the scene's coordinates. */
export interface Marks {
  /** Atoms that were picked, in their order. */
  readonly rings: readonly { readonly at: readonly number[]; readonly radius: number }[];
  /** Lines that go on from end to end; both ends, Å. */
  readonly lines: readonly (readonly [readonly number[], readonly number[]])[];
  /** At the middle of the lines. */
  readonly label: string;
}

/** Nothing picked. */
export const NO_MARKS: Marks = { rings: [], lines: [], label: "" };

/** Draws marks with a pen whose units are those of the projection. @param size of one CSS pixel in them */
export function drawMarks(pen: CanvasRenderingContext2D, marks: Marks, p: Projection, look: Look, size: number): void {
  const accent = look.dark ? "#ff79c6" : "#c2185b";
  const stroke = (width: number, colour: string, dash: readonly number[]): void => {
    pen.lineWidth = width * size;
    pen.strokeStyle = colour;
    pen.setLineDash(dash.map((d) => d * size));
    pen.stroke();
  };
  pen.lineCap = "round";
  const path = new Path2D();
  for (const [from, to] of marks.lines) {
    const [a, b] = [projected(p, from), projected(p, to)];
    path.moveTo(a[0], a[1]);
    path.lineTo(b[0], b[1]);
  }
  for (const [width, colour, dash] of [
    [4, look.paper, []],
    [1.8, accent, [5, 4]],
  ] as const) {
    pen.lineWidth = width * size;
    pen.strokeStyle = colour;
    pen.setLineDash(dash.map((d) => d * size));
    pen.stroke(path);
  }
  for (const { at, radius } of marks.rings) {
    const [x, y] = projected(p, at);
    pen.beginPath();
    pen.arc(x, y, Math.max(4 * size, radius * p.scale + 1.5 * size), 0, 2 * Math.PI);
    stroke(4, look.paper, []);
    stroke(2, accent, []);
  }
  pen.setLineDash([]);
  if (marks.label === "" || marks.lines.length === 0) return;
  const middle = marks.lines[Math.floor((marks.lines.length - 1) / 2)];
  const [a, b] = middle.map((end) => projected(p, end));
  pen.font = `600 ${13 * size}px ${look.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 4 * size;
  pen.strokeStyle = look.paper;
  pen.fillStyle = look.ink;
  const [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2 - 12 * size];
  pen.strokeText(marks.label, x, y);
  pen.fillText(marks.label, x, y);
}
