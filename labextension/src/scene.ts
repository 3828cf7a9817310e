/**
 * A structure as balls and sticks to be looked at: turned so that x is right, y up and z towards the viewer, centred, with the region of each
 * atom in its colour. What repeats is seen from the side and a little from above, a molecule along its flattest axis.
 */
import { type Bond, ballRadius, bondsOf, isCut, STICKS } from "../../src/display/ballsAndSticks.ts";
import { look as elementLook } from "../../src/display/elements.ts";
import { framing } from "../../src/display/framing.ts";
import { principalAxes } from "../../src/display/principalAxes.ts";
import type { Role } from "../../src/history/atoms.ts";
import { type Look, mixed, parse } from "./look.ts";
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

/** What stays the same in all frames. */
export interface Scene {
  readonly balls: readonly Ball[];
  readonly bonds: readonly Bond[];
  /** Those of `bonds` that the boundary of the QM cluster cuts. */
  readonly cuts: readonly Bond[];
  /** Corners of the repeating plane going round, or of nothing; as places. */
  readonly floor: readonly Place[];
  /** Half of what is to be seen, right and up, Å. */
  readonly half: readonly [number, number];
  /** Å: everything lies this near to the centre. */
  readonly reach: number;
  /** Positions of a frame, [3N] Å, as they are looked at. */
  place(positions: Float64Array): Float64Array;
}

/** Right, up, towards the viewer, Å. */
export type Place = readonly [number, number, number];

/** What repeats is turned about its normal and tilted, radians. */
const [TURN, TILT] = [0.35, 0.36];
/** Rows: right, up, towards the viewer. */
const SLANTED: readonly (readonly number[])[] = [
  [Math.cos(TURN), Math.sin(TURN), 0],
  [-Math.sin(TURN) * Math.sin(TILT), Math.cos(TURN) * Math.sin(TILT), Math.cos(TILT)],
  [Math.sin(TURN) * Math.cos(TILT), -Math.cos(TURN) * Math.cos(TILT), Math.sin(TILT)],
];
/** Å from the lowest atoms to the plane of the cell under them. */
const FLOOR = 1.4;
/** Å around the outermost atoms. */
const MARGIN = 0.5;
/** Part of the paper in the colour of an atom, on white and on near-black, and what is left of the radius where it has no sticks, by region. */
const PALE: Record<Role, readonly [number, number]> = { core: [0, 0], buffer: [0.42, 0.36], environment: [0.82, 0.64] };
const SHRUNK: Record<Role, number> = { core: 1, buffer: 0.92, environment: 0.84 };

/** The scene of a relaxation, from its first frame. */
export function sceneOf({ about, atoms }: Pick<Rows, "about" | "atoms">, first: Float64Array): Scene {
  const core = atoms.flatMap((a, i) => (a.role === "core" ? [i] : []));
  const shift = about.pbc === "FFF" ? new Float64Array(first.length) : framing(first, core, about.cell, about.pbc);
  const start = first.map((v, k) => v + shift[k]);
  const bonds = bondsOf(atoms, start);
  const bonded = new Set(bonds.flat());
  const axes = about.pbc === "FFF" ? principalAxes(first, core.length > 0 ? core : [...atoms.keys()]) : SLANTED;
  const turned = (p: ArrayLike<number>, at: number): Place => {
    const along = (axis: readonly number[]): number => axis[0] * p[at] + axis[1] * p[at + 1] + axis[2] * p[at + 2];
    return [along(axes[0]), along(axes[1]), along(axes[2])];
  };
  const points = atoms.map((_, i) => turned(start, 3 * i));
  const floor = floorOf(about, start).map((corner) => turned(corner, 0));
  const low = [0, 1, 2].map((k) => [...points, ...floor].reduce((m, p) => Math.min(m, p[k]), Infinity));
  const high = [0, 1, 2].map((k) => [...points, ...floor].reduce((m, p) => Math.max(m, p[k]), -Infinity));
  const centre = low.map((l, k) => (l + high[k]) / 2);
  const centred = (p: Place): Place => [p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]];
  const balls = atoms.map(({ symbol, role }, i) => ({
    symbol,
    role,
    radius: ballRadius(symbol, bonded.has(i)) * (bonded.has(i) ? 1 : SHRUNK[role]),
    stick: 0.6 * STICKS[role][0],
  }));
  const widest = balls.reduce((m, b) => Math.max(m, b.radius), 0) + MARGIN;
  return {
    balls,
    bonds,
    cuts: bonds.filter((b) => isCut(atoms, b)),
    floor: floor.map(centred),
    half: [(high[0] - low[0]) / 2 + widest, (high[1] - low[1]) / 2 + widest],
    reach: Math.hypot(...low.map((l, k) => (high[k] - l) / 2)) + widest,
    place: (positions) => {
      const moved = positions.map((v, k) => v + shift[k]);
      const out = new Float64Array(positions.length);
      for (let i = 0; i < positions.length; i += 3) out.set(centred(turned(moved, i)), i);
      return out;
    },
  };
}

/** The colour of an atom: of its element, paler in the buffer, nearly the paper's in the environment. */
export function ballColour({ symbol, role }: Pick<Ball, "symbol" | "role">, look: Look): string {
  const { colour, line = colour } = elementLook(symbol);
  return mixed(parse(role === "environment" ? line : colour), parse(look.paper), PALE[role][look.dark ? 1 : 0]);
}

/** The cell's plane under the lowest atom, where two of its directions repeat. */
function floorOf({ cell, pbc }: Rows["about"], first: Float64Array): Place[] {
  const repeating = [0, 1, 2].filter((k) => pbc[k] === "T");
  if (repeating.length < 2) return [];
  const [a, b] = repeating.map((k) => [cell[3 * k], cell[3 * k + 1], cell[3 * k + 2]]);
  let bottom = Infinity;
  for (let i = 2; i < first.length; i += 3) bottom = Math.min(bottom, first[i] - FLOOR);
  const corner = (u: number, v: number): Place => [u * a[0] + v * b[0], u * a[1] + v * b[1], u * a[2] + v * b[2] + bottom];
  return [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
}
