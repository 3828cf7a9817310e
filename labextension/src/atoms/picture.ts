/** What is drawn, whoever draws it: balls, rods and cones in typed arrays, in the coordinates of a scene. */

/** Spheres. */
export interface Balls {
  /** [3N] Å. */
  readonly at: Float64Array;
  /** [N] Å. */
  readonly radius: Float32Array;
  /** [N] 0xrrggbb. */
  readonly colour: Uint32Array;
}

/** Cylinders without ends, or cones from the middle of their base to their tip. */
export interface Rods {
  /** [6M] Å: both ends. */
  readonly ends: readonly number[];
  /** [M] Å. */
  readonly radius: readonly number[];
  /** [M] 0xrrggbb. */
  readonly colour: readonly number[];
}

/** A picture. */
export interface Picture {
  readonly balls: Balls;
  readonly rods: Rods;
  readonly cones: Rods;
}

/** A picture, and another one that shines through it. */
export interface Layers {
  readonly solid: Picture;
  readonly ghost?: Picture;
}

/** Rods that are put together one by one. */
export interface GrowingRods extends Rods {
  readonly ends: number[];
  readonly radius: number[];
  readonly colour: number[];
}

/** No rods yet. */
export function noRods(): GrowingRods {
  return { ends: [], radius: [], colour: [] };
}

/** Puts one more. */
export function addRod(
  rods: GrowingRods,
  [x, y, z]: ArrayLike<number> & Iterable<number>,
  [u, v, w]: ArrayLike<number> & Iterable<number>,
  radius: number,
  colour: number,
): void {
  rods.ends.push(x, y, z, u, v, w);
  rods.radius.push(radius);
  rods.colour.push(colour);
}
