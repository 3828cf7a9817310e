/** Measures between atoms, by what must not change them and by figures known in closed form. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chain, displacement } from "../../src/display/measure.ts";
import { fc } from "../properties.ts";

const CELL = [9.1, 0, 0, 1.7, 8.3, 0, 0.4, -0.9, 10.2];
const NONE = [0, 0, 0, 0, 0, 0, 0, 0, 0];
const coordinate = fc.double({ min: -4, max: 4, noNaN: true });
const points = fc.array(coordinate, { minLength: 12, maxLength: 12 }).map((p) => Float64Array.from(p));
const angle = fc.double({ min: 0.1, max: 3, noNaN: true });

/** Four atoms: bond lengths 1.5, 1.4, 1.3, both angles and the dihedral as given, radians. */
function bent(first: number, second: number, torsion: number): Float64Array {
  return Float64Array.of(
    ...[-1.5 * Math.cos(Math.PI - first), 1.5 * Math.sin(first), 0],
    ...[0, 0, 0],
    ...[1.4, 0, 0],
    ...[1.4 - 1.3 * Math.cos(second), 1.3 * Math.sin(second) * Math.cos(torsion), 1.3 * Math.sin(second) * Math.sin(torsion)],
  );
}

test("distance, angle and dihedral of a chain that was built from them", () => {
  fc.assert(
    fc.property(angle, angle, fc.double({ min: -3, max: 3, noNaN: true }), (first, second, torsion) => {
      const p = bent(Math.PI - first, second, torsion);
      const value = (...atoms: number[]): number => chain(p, atoms, NONE, "FFF").value ?? Number.NaN;
      const degrees = (x: number): number => (180 / Math.PI) * x;
      // Rounding, of angles no smaller than a tenth.
      assert.ok(Math.abs(value(1, 2) - 1.4) < 1e-12);
      assert.ok(Math.abs(value(1, 2, 3) - degrees(second)) < 1e-9);
      // Seen along x the far end turns counter-clockwise from y to z, so that it is clockwise seen from the near end.
      const away = ((value(0, 1, 2, 3) - degrees(torsion) + 540) % 360) - 180;
      assert.ok(Math.abs(away) < 1e-6, `${value(0, 1, 2, 3)} for ${degrees(torsion)}`);
    }),
  );
});

test("hydrogen peroxide: a dihedral changes its sign in the mirror, distances and angles do not", () => {
  const p = bent(1.75, 1.75, 1.94);
  const mirrored = p.map((x, k) => (k % 3 === 2 ? -x : x));
  const value = (q: Float64Array, atoms: number[]): number => chain(q, atoms, NONE, "FFF").value ?? Number.NaN;
  assert.ok(Math.abs(value(p, [0, 1, 2, 3]) + value(mirrored, [0, 1, 2, 3])) < 1e-9);
  assert.equal(value(p, [0, 1, 2]), value(mirrored, [0, 1, 2]));
  assert.equal(chain(p, [0], NONE, "FFF").value, null);
});

test("whole lattice vectors added to atoms change no measure where the cell repeats, and order reversed changes none", () => {
  const shift = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(points, shift, fc.constantFrom(2, 3, 4), (p, moves, n) => {
      const atoms = [0, 1, 2, 3].slice(0, n);
      const moved = p.map((x, k) => x + moves[2 * Math.floor(k / 3)] * CELL[k % 3] + moves[2 * Math.floor(k / 3) + 1] * CELL[3 + (k % 3)]);
      const [a, b, c] = [p, moved, p].map((q, k) => chain(q, k === 2 ? [...atoms].reverse() : atoms, CELL, "TTF").value ?? 0);
      // An angle of 180 degrees may be -180; next to a straight line rounding turns a dihedral far.
      const same = (x: number, y: number): boolean => Math.abs(((x - y + 540) % 360) - 180) < 1e-4;
      assert.ok(n === 2 ? Math.abs(a - b) < 1e-9 && Math.abs(a - c) < 1e-9 : isStraight(p) || (same(a, b) && same(a, c)));
    }),
  );
});

test("a group turned and moved as a whole has no displacement, one atom moved has its own", () => {
  const p = bent(1.2, 1.9, 0.7);
  const turned = p.map((_, k) => (k % 3 === 0 ? -p[k + 1] + 3 : k % 3 === 1 ? p[k - 1] - 1 : p[k] + 0.5));
  // Superposition finds the square root of a difference of sums of squares.
  assert.ok(displacement(p, turned, [0, 1, 2, 3]).rmsd < 1e-6);
  const one = p.map((x, k) => (k === 10 ? x + 0.25 : x));
  const { farthest, distance, rmsd } = displacement(p, one, [1, 2, 3]);
  assert.deepEqual([farthest, distance], [3, 0.25]);
  assert.ok(rmsd > 0 && rmsd < 0.25 / Math.sqrt(3));
});

function isStraight(p: Float64Array): boolean {
  return [
    [0, 1, 2],
    [1, 2, 3],
  ].some((three) => {
    const { value, steps } = chain(p, three, CELL, "TTF");
    const short = steps.some((s) => Math.hypot(...s) < 1e-2);
    return short || value === null || value < 1 || value > 179;
  });
}
