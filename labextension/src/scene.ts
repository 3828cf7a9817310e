/**
 * What stays the same in all frames of a relaxation: who the atoms are, how large they are drawn, what joins them, where the cell stands, and
 * from where all of it is seen at first. What repeats is seen from the side and a little from above, a molecule along its flattest axis.
 */
import { ballRadius, STICKS } from "../../src/display/ballsAndSticks.ts";
import { framing } from "../../src/display/framing.ts";
import { principalAxes } from "../../src/display/principalAxes.ts";
import { type Link, linksOf, type Stick, sticksOf } from "../../src/display/sticks.ts";
import type { Role } from "../../src/history/atoms.ts";
import type { Rotation } from "./atoms/camera.ts";
import type { Rows } from "./rows.ts";

/** One atom's ball. */
export interface Ball {
  readonly symbol: string;
  readonly role: Role;
  /** Å. */
  readonly radius: number;
  /** Of the sticks that end here, Å. */
  readonly stick: number;
}

/** A scene. Its coordinates are those of the structure with the middle of what is seen at the origin, Å. */
export interface Scene {
  readonly balls: readonly Ball[];
  readonly sticks: readonly Stick[];
  readonly links: readonly Link[];
  /** Displacements of the copies, the structure itself first, Å. */
  readonly images: readonly Place[];
  /** Edges of the cell: both ends of each. */
  readonly cell: { readonly floor: readonly (readonly [Place, Place])[]; readonly whole: readonly (readonly [Place, Place])[] };
  /** From where it is seen at first. */
  readonly rotation: Rotation;
  /** Half of what is then to be seen, right and up, Å: atoms, and the cell as it is drawn. */
  readonly half: readonly [number, number];
  /** Å: everything lies this near to the origin. */
  readonly reach: number;
  /** Positions of a frame, [3N] Å, in the scene's coordinates. */
  place(positions: Float64Array): Float64Array;
}

/** Å. */
export type Place = readonly [number, number, number];

/** What of the cell is drawn: nothing, its repeating plane under the atoms, or all of its edges. */
export type CellEdges = "none" | "floor" | "whole";

/** How a scene is laid out. */
export interface Layout {
  /** Copies along each lattice vector; where it does not repeat there is one. Default: one. */
  readonly repeats?: readonly [number, number, number];
  /** What of the cell is to be seen as well. Default: its floor. */
  readonly cell?: CellEdges;
}

/** What repeats is turned about its normal and tilted, radians. */
const [TURN, TILT] = [0.35, 0.36];
const SLANTED: Rotation = [
  ...[Math.cos(TURN), Math.sin(TURN), 0],
  ...[-Math.sin(TURN) * Math.sin(TILT), Math.cos(TURN) * Math.sin(TILT), Math.cos(TILT)],
  ...[Math.sin(TURN) * Math.cos(TILT), -Math.cos(TURN) * Math.cos(TILT), Math.sin(TILT)],
] as unknown as Rotation;
/** Å from the lowest atoms to the plane of the cell under them. */
const FLOOR = 1.4;
/** Å around the outermost atoms. */
const MARGIN = 0.5;
/** What is left of the radius where an atom has no sticks, by region. */
const SHRUNK: Record<Role, number> = { core: 1, buffer: 0.92, environment: 0.84 };

/**
 * The scene of a relaxation.
 * @param first positions of its first frame, [3N] Å
 */
export function sceneOf({ about, atoms }: Pick<Rows, "about" | "atoms">, first: Float64Array, layout: Layout = {}): Scene {
  const { cell, pbc } = about;
  const core = atoms.flatMap((a, i) => (a.role === "core" ? [i] : []));
  const repeating = /T/.test(pbc);
  const shift = repeating ? framing(first, core, cell, pbc) : new Float64Array(first.length);
  const start = first.map((v, k) => v + shift[k]);
  const sticks = sticksOf(atoms, start, about);
  const bonded = new Set(sticks.flatMap((s) => [s.from, s.to]));
  const rotation = repeating ? SLANTED : (principalAxes(first, core.length > 0 ? core : [...atoms.keys()]).flat() as unknown as Rotation);
  const images = imagesOf(cell, pbc, layout.repeats ?? [1, 1, 1]);
  const edges = edgesOf(cell, pbc, start);
  const drawn = layout.cell === "whole" ? edges.whole : layout.cell === "none" ? [] : edges.floor;
  const box = bounds(rotation, start, images, drawn.flat());
  // The middle of the picture, back in the structure's coordinates.
  const centre = [0, 1, 2].map((c) => [0, 1, 2].reduce((sum, k) => sum + rotation[3 * k + c] * box.middle[k], 0));
  const centred = ([x, y, z]: Place): Place => [x - centre[0], y - centre[1], z - centre[2]];
  const moved = (list: readonly (readonly [Place, Place])[]): [Place, Place][] => list.map(([p, q]) => [centred(p), centred(q)]);
  const balls = atoms.map(({ symbol, role }, i) => ({
    symbol,
    role,
    radius: ballRadius(symbol, bonded.has(i)) * (bonded.has(i) ? 1 : SHRUNK[role]),
    stick: 0.6 * STICKS[role][0],
  }));
  const widest = balls.reduce((m, b) => Math.max(m, b.radius), 0) + MARGIN;
  return {
    balls,
    sticks,
    links: linksOf(atoms, sticks, about),
    images,
    cell: { floor: moved(edges.floor), whole: moved(edges.whole) },
    rotation,
    half: [box.half[0] + widest, box.half[1] + widest],
    reach: Math.hypot(...box.half) + widest,
    place: (positions) => {
      const out = new Float64Array(positions.length);
      for (let k = 0; k < out.length; k++) out[k] = positions[k] + shift[k] - centre[k % 3];
      return out;
    },
  };
}

/** Displacements of copies along the lattice vectors that repeat, the structure itself first. */
export function imagesOf(cell: ArrayLike<number>, pbc: string, repeats: readonly [number, number, number]): Place[] {
  const [a, b, c] = repeats.map((n, k) => Array.from({ length: pbc[k] === "T" ? n : 1 }, (_, i) => i));
  const at = (i: number, j: number, k: number): Place =>
    [0, 1, 2].map((x) => i * cell[x] + j * cell[3 + x] + k * cell[6 + x]) as unknown as Place;
  return a.flatMap((i) => b.flatMap((j) => c.map((k) => at(i, j, k))));
}

/** Middle and half of the extent of points as seen by a rotation: right, up, towards the viewer. */
function bounds(
  r: Rotation,
  points: Float64Array,
  images: readonly Place[],
  corners: readonly Place[],
): { readonly middle: Place; readonly half: Place } {
  const [low, high] = [
    [Infinity, Infinity, Infinity],
    [-Infinity, -Infinity, -Infinity],
  ];
  const along = (k: number, p: ArrayLike<number>, at: number): number =>
    r[3 * k] * p[at] + r[3 * k + 1] * p[at + 1] + r[3 * k + 2] * p[at + 2];
  for (let k = 0; k < 3; k++) {
    for (let i = 0; i < points.length; i += 3) {
      const x = along(k, points, i);
      if (x < low[k]) low[k] = x;
      if (x > high[k]) high[k] = x;
    }
    const away = images.map((p) => along(k, p, 0));
    low[k] += Math.min(...away);
    high[k] += Math.max(...away);
    for (const corner of corners) {
      low[k] = Math.min(low[k], along(k, corner, 0));
      high[k] = Math.max(high[k], along(k, corner, 0));
    }
  }
  const both = (sign: 1 | -1): Place => [0, 1, 2].map((k) => (high[k] + sign * low[k]) / 2) as unknown as Place;
  return points.length === 0 ? { middle: [0, 0, 0], half: [1, 1, 1] } : { middle: both(1), half: both(-1) };
}

/** Edges of the cell: those of its repeating plane, moved under the lowest atom, and all twelve; of what has no such cell, none. */
function edgesOf(cell: Float64Array, pbc: string, first: Float64Array): Scene["cell"] {
  const vectors = [0, 1, 2].map((k): Place => [cell[3 * k], cell[3 * k + 1], cell[3 * k + 2]]);
  const corner = (bits: number, lift = 0): Place =>
    [0, 1, 2].map((x) => vectors.reduce((sum, v, k) => sum + ((bits >> k) & 1) * v[x], x === 2 ? lift : 0)) as unknown as Place;
  const whole = vectors.every((v) => Math.hypot(...v) > 0)
    ? [0, 1, 2].flatMap((k) =>
        [0, 1, 2, 3, 4, 5, 6, 7].flatMap((b): [Place, Place][] => ((b >> k) & 1 ? [] : [[corner(b), corner(b | (1 << k))]])),
      )
    : [];
  const repeating = [0, 1, 2].filter((k) => pbc[k] === "T");
  if (repeating.length === 3) return { floor: whole, whole };
  if (repeating.length < 2) return { floor: [], whole };
  const [a, b] = repeating.map((k) => 1 << k);
  let bottom = Infinity;
  for (let i = 2; i < first.length; i += 3) bottom = Math.min(bottom, first[i] - FLOOR);
  const round = [0, a, a | b, b].map((bits) => corner(bits, bottom));
  return { floor: round.map((p, k) => [p, round[(k + 1) % 4]]), whole };
}
