/** A plain file of frames as rows of the trajectory view. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { framesOf } from "../../labextension/src/frames.ts";

const FRAME = (energy: number, x: number): string =>
  `2\nLattice="4 0 0 0 5 0 0 0 6" pbc="T T F" Properties=species:S:1:pos:R:3:forces:R:3:move_mask:L:1 energy=${energy}\nO 0 0 ${x} 0 3 -4 T\nH 0 0.5 ${1 + x} 9 9 9 F\n`;

test("frames, energies, and the largest force of the atoms that move", () => {
  const { known, left } = framesOf("run.extxyz", FRAME(-1.5, 0) + FRAME(-2, 0.25));
  const { about, atoms, trajectory, steps, state } = known.rows;
  assert.deepEqual([about.name, about.formula, about.pbc, about.engine, state, left], ["run.extxyz", "HO", "TTF", "", "finished", ""]);
  assert.deepEqual([...about.cell], [4, 0, 0, 0, 5, 0, 0, 0, 6]);
  assert.deepEqual(
    atoms.map((a) => [a.symbol, a.fixed]),
    [
      ["O", false],
      ["H", true],
    ],
  );
  assert.deepEqual(
    trajectory.map((f) => [f.step, f.scheme, f.energy, f.fmax, f.positions[2]]),
    [
      [0, null, -1.5, 5, 0],
      [1, null, -2, 5, 0.25],
    ],
  );
  assert.deepEqual(
    steps.map((s) => s.energy),
    [-1.5, -2],
  );
});

test("plain XYZ has frames without energies; frames of other atoms are left out, which is said", () => {
  const { known, left } = framesOf("a.xyz", "1\n\nO 0 0 0\n1\n\nN 0 0 0\n1\n\nO 0 0 1\n");
  assert.deepEqual(
    known.rows.trajectory.map((f) => f.positions[2]),
    [0, 1],
  );
  assert.ok(known.rows.steps.every((s) => Number.isNaN(s.energy) && Number.isNaN(s.fmax)));
  assert.equal(left, "Not shown, because their atoms are not those of the first: 1 of 3 frames.");
});

test("what is no file of frames is refused in one sentence", () => {
  for (const text of ["", "<script>", "1e9\n\n", "2\n\nO 0 0 0\n"])
    assert.throws(() => framesOf("a.xyz", text), { name: "RangeError", message: /^[^\n]+$/ });
});
