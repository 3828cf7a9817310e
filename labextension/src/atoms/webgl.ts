/** A picture drawn by 3Dmol, in a viewer that was lent. */
import type { Look } from "../look.ts";
import type { Lent, Viewer } from "../viewers.ts";
import { type Camera, type Projection, quaternion } from "./camera.ts";
import { rimOf } from "./paper.ts";
import type { Layers, Picture, Rods } from "./picture.ts";

/** Half of 3Dmol's field of view, and where its camera stands. */
const [FIELD, CAMERA] = [Math.tan((20 * Math.PI) / 180), 150];
/** What of a ghost hides what is behind it. */
const GHOST = 0.45;
/** Sides of a rod and of a cone. */
const SIDES = 10;

/** Draws layers anew: 3Dmol makes its geometry from atoms and shapes each time that one has moved. */
export function drawWebGL({ viewer }: Lent, { solid, ghost }: Layers, look: Look): void {
  viewer.removeAllModels();
  viewer.removeAllShapes();
  viewer.setBackgroundColor(look.paper, 1);
  viewer.setViewStyle({ style: "outline", color: rimOf(look), width: 0.04 });
  addPicture(viewer, solid, 1);
  if (ghost) addPicture(viewer, ghost, GHOST);
  viewer.render();
}

/** Looks at what is drawn as a projection does. */
export function aim({ viewer }: Lent, camera: Camera, { scale }: Projection, width: number, reach: number): void {
  const half = width / 2 / scale;
  const [x, y] = camera.shift;
  const r = camera.rotation;
  // 3Dmol moves the model before it turns it.
  const shift = [0, 1, 2].map((k) => x * r[k] + y * r[3 + k]);
  viewer.setSlab(-2 * reach, 2 * reach);
  viewer.setView([...shift, CAMERA - half / FIELD, ...quaternion(r)]);
}

function addPicture(viewer: Viewer, { balls, rods, cones }: Picture, opacity: number): void {
  const { at, radius, colour } = balls;
  const atoms = Array.from(radius, (r, i) => ({
    elem: "C",
    x: at[3 * i],
    y: at[3 * i + 1],
    z: at[3 * i + 2],
    bonds: [],
    bondOrder: [],
    style: { sphere: { radius: r, color: colour[i], opacity } },
  }));
  viewer.addModel().addAtoms(atoms);
  // One shape for each colour: 3Dmol draws a shape in one go.
  for (const [shapes, tip] of [
    [rods, 1],
    [cones, 0],
  ] as const)
    for (const own of new Set(shapes.colour)) viewer.addCustom({ ...mesh(shapes, own, tip), color: hex(own), opacity });
}

/** Triangles of the rods of a colour, their far ends `tip` times as wide as their near ones. */
function mesh({ ends, radius, colour }: Rods, own: number, tip: 0 | 1): { vertexArr: Point[]; normalArr: Point[]; faceArr: number[] } {
  const [vertexArr, normalArr, faceArr]: [Point[], Point[], number[]] = [[], [], []];
  for (const [i, r] of radius.entries()) {
    if (colour[i] !== own) continue;
    const [x, y, z, u, v, w] = ends.slice(6 * i, 6 * i + 6);
    const axis = [u - x, v - y, w - z];
    const length = Math.hypot(...axis) || 1;
    const a = axis.map((c) => c / length);
    const least = a.map(Math.abs).indexOf(Math.min(...a.map(Math.abs)));
    const n = [0, 1, 2].map((k) => (k === least ? 1 : 0) - a[least] * a[k]);
    const size = Math.hypot(...n);
    const p = n.map((c) => c / size);
    const q = [a[1] * p[2] - a[2] * p[1], a[2] * p[0] - a[0] * p[2], a[0] * p[1] - a[1] * p[0]];
    const first = vertexArr.length;
    for (let k = 0; k < SIDES; k++) {
      const [c, s] = [Math.cos((2 * Math.PI * k) / SIDES), Math.sin((2 * Math.PI * k) / SIDES)];
      const out = p.map((value, at) => c * value + s * q[at]);
      vertexArr.push(point([x, y, z], out, r), point([u, v, w], out, r * tip));
      normalArr.push(point([0, 0, 0], out, 1), point([0, 0, 0], out, 1));
      const [near, next] = [first + 2 * k, first + 2 * ((k + 1) % SIDES)];
      faceArr.push(near, next, near + 1, next, next + 1, near + 1);
    }
  }
  return { vertexArr, normalArr, faceArr };
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

function point(p: readonly number[], direction: readonly number[], length: number): Point {
  return { x: p[0] + length * direction[0], y: p[1] + length * direction[1], z: p[2] + length * direction[2] };
}

function hex(colour: number): string {
  return `#${colour.toString(16).padStart(6, "0")}`;
}
