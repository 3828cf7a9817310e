/** Framing: only whole lattice vectors, the core in the middle or in front. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { framing } from "../../src/display/framing.ts";
import { inverse, times } from "../../src/linalg/cell.ts";
import { fc } from "../properties.ts";

/** Oblique in every direction. */
const CELL = [7.1, 0.3, 0.2, -2.9, 6.4, 0.5, 0.8, -0.6, 11.3];
const toFraction = inverse(CELL);
const coordinates = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 12, maxLength: 12 });
const fractions = (positions: Float64Array, shift: Float64Array): number[][] =>
  Array.from({ length: positions.length / 3 }, (_, i) =>
    times(
      positions.map((v, k) => v + shift[k]),
      toFraction,
      3 * i,
    ),
  );

test("atoms move by whole lattice vectors of the core's own shift, into the cell, and not where nothing repeats", () => {
  fc.assert(
    fc.property(coordinates, fc.constantFrom("TTT", "TTF", "FFF", "FTF"), fc.constantFrom(undefined, 1), (list, pbc, front) => {
      const positions = Float64Array.from(list);
      const before = fractions(positions, new Float64Array(12));
      const after = fractions(positions, framing(positions, [2], CELL, pbc, front));
      for (let k = 0; k < 3; k++) {
        const moves = after.map((f, i) => f[k] - before[i][k]);
        // Fractions of up to ten from coordinates of 30 Å: 1e-10 is far above their rounding and far below a lattice vector.
        for (const m of moves) assert.ok(Math.abs(m - moves[0] - Math.round(m - moves[0])) < 1e-10);
        if (pbc[k] === "F") assert.ok(moves.every((m) => Math.abs(m) < 1e-10));
        else for (const f of after) assert.ok(f[k] > -0.0201 && f[k] < 0.9801);
        if (pbc[k] === "T") assert.ok(Math.abs(after[2][k] - (k === front ? 0 : 0.5)) < 1e-10);
      }
    }),
  );
});

test("a core that lies across the cell's edge is taken as one piece", () => {
  const positions = Float64Array.from(
    [
      [0.95, 0.5, 0.5],
      [0.05, 0.5, 0.5],
      [0.4, 0.5, 0.5],
    ].flatMap((f) => times(f, CELL)),
  );
  const after = fractions(positions, framing(positions, [0, 1], CELL, "TTT"));
  const expected = [0.45, 0.55, 0.9];
  for (const [i, f] of after.entries()) assert.ok(Math.abs(f[0] - expected[i]) < 1e-10);
});
