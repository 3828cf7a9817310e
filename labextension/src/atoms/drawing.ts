/** A frame of a scene as balls, rods and cones. */
import { type Look, mixed, parse } from "../look.ts";
import type { CellEdges, Place, Scene } from "../scene.ts";
import { elementColours, packed, roleColour } from "./colouring.ts";
import { addRod, type GrowingRods, noRods, type Picture } from "./picture.ts";

/** How a frame is drawn; what is left out is as at first. */
export interface Drawn {
  /** By atom, 0xrrggbb. Default: by element. */
  readonly colours?: Uint32Array;
  /** Default: drawn. */
  readonly bonds?: boolean;
  /** Default: the floor. */
  readonly cell?: CellEdges;
  /** Forces and the eV/Å that one Å of their arrows stands for. */
  readonly arrows?: { readonly vectors: Float64Array; readonly scale: number; readonly colour: string } | undefined;
  /** Colours of links are those of their region. */
  readonly byRole?: boolean;
}

/** Radius of a link hydrogen, Å. */
const LINK = 0.17;
/** Radius of the cell's edges, of an arrow's shaft, of its head, and the head's length, Å. */
const [EDGE, SHAFT, HEAD, LONG] = [0.035, 0.075, 0.19, 0.5];
/** Arrows shorter than this are not drawn, Å. */
const SHORTEST = 0.04;

/**
 * The picture of a frame.
 * @param places its positions in the scene's coordinates, [3N] Å
 */
export function pictureOf(scene: Scene, places: Float64Array, look: Look, drawn: Drawn = {}): Picture {
  const colours = drawn.colours ?? elementColours(scene.balls, look);
  const { images, balls } = scene;
  const links = drawn.bonds === false ? [] : scene.links;
  const n = balls.length;
  const total = (n + links.length) * images.length;
  const at = new Float64Array(3 * total);
  const radius = new Float32Array(total);
  const colour = new Uint32Array(total);
  const linkColour = packed(parse(drawn.byRole ? roleColour("link", look) : "#f4f4f4"));
  for (const [copy, image] of images.entries()) {
    const from = copy * n;
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < 3; c++) at[3 * (from + i) + c] = places[3 * i + c] + image[c];
      radius[from + i] = balls[i].radius;
      colour[from + i] = colours[i];
    }
    for (const [k, link] of links.entries()) {
      const to = images.length * n + copy * links.length + k;
      const p = pointOf(places, link.inside, image);
      const q = sum(pointOf(places, link.outside, image), link.away);
      const share = "ratio" in link.place ? link.place.ratio : link.place.length / Math.hypot(q[0] - p[0], q[1] - p[1], q[2] - p[2]);
      at.set(between(p, q, share), 3 * to);
      radius[to] = LINK;
      colour[to] = linkColour;
    }
  }
  const rods = noRods();
  const cones = noRods();
  if (drawn.bonds !== false) addSticks(rods, scene, places, colours);
  const edges = drawn.cell === "none" ? [] : scene.cell[drawn.cell ?? "floor"];
  const soft = packed(parse(mixed(parse(look.paper), parse(look.ink), 0.6)));
  for (const [p, q] of edges) addRod(rods, p, q, EDGE, soft);
  if (drawn.arrows) addArrows(rods, cones, scene, places, drawn.arrows);
  return { balls: { at, radius, colour }, rods, cones };
}

/** Both halves of each stick in the colours of their atoms; of one that leaves the picture the half inside it. */
function addSticks(rods: GrowingRods, { sticks, balls, images }: Scene, places: Float64Array, colours: Uint32Array): void {
  for (const { from, to, away } of sticks) {
    const radius = Math.min(balls[from].stick, balls[to].stick);
    const leaves = away.some((x) => x !== 0);
    for (const image of images) {
      const [p, q] = [pointOf(places, from, image), sum(pointOf(places, to, image), away)];
      const middle = between(p, q, 0.5);
      addRod(rods, p, middle, radius, colours[from]);
      if (!leaves) {
        addRod(rods, middle, q, radius, colours[to]);
        continue;
      }
      // The other half is seen from the far atom of this image.
      const end = pointOf(places, to, image);
      addRod(rods, end, sum(middle, [-away[0], -away[1], -away[2]]), radius, colours[to]);
    }
  }
}

function addArrows(
  rods: GrowingRods,
  cones: GrowingRods,
  { images, balls }: Scene,
  places: Float64Array,
  { vectors, scale, colour }: NonNullable<Drawn["arrows"]>,
): void {
  const ink = packed(parse(colour));
  for (const image of images) {
    for (let i = 0; i < balls.length; i++) {
      const f = [0, 1, 2].map((c) => vectors[3 * i + c] / scale);
      const length = Math.hypot(f[0], f[1], f[2]);
      if (!(length >= SHORTEST && length < Infinity)) continue;
      // Thinner if shorter, so that a short arrow is still one; from the ball's surface, so that none is hidden in it.
      const size = Math.min(1, length / LONG / 2);
      const start = sum(pointOf(places, i, image), f.map((x) => (x * balls[i].radius) / length) as unknown as Place);
      const tip = sum(start, f as unknown as Place);
      const neck = between(start, tip, 1 - (size * LONG) / length);
      addRod(rods, start, neck, size * SHAFT, ink);
      addRod(cones, neck, tip, size * HEAD, ink);
    }
  }
}

function pointOf(places: Float64Array, i: number, image: Place): Place {
  return [places[3 * i] + image[0], places[3 * i + 1] + image[1], places[3 * i + 2] + image[2]];
}

function sum(p: Place, q: Place): Place {
  return [p[0] + q[0], p[1] + q[1], p[2] + q[2]];
}

function between(p: Place, q: Place, t: number): Place {
  return [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), p[2] + t * (q[2] - p[2])];
}
