import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawnRows } from "../../src/history/drawnRows.ts";
import type { TrainingRow } from "../../src/history/training.ts";
import { fc } from "../properties.ts";

/** Curves of so many points each, one for each image. */
function curves(lengths: readonly number[]): TrainingRow[] {
  return lengths.flatMap((length, image) =>
    Array.from({ length }, (_, evaluation): TrainingRow => {
      const zero = { seconds: 0, loss: 0, energyRmse: 0, forceRmse: 0 };
      return { scheme: "retrained", member: 0, image, evaluation, ...zero };
    }),
  );
}

describe("the learning curves that are drawn", () => {
  it("are all of them where there are few", () => {
    const rows = curves([3, 1, 200]);
    assert.equal(drawnRows(rows), rows);
  });

  it("have each curve's first and last point, in order, and are about five thousand", () => {
    const long = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(long, (lengths) => {
        const rows = curves(lengths);
        const drawn = drawnRows(rows);
        const held = new Set(drawn);
        assert.deepEqual(
          drawn,
          rows.filter((r) => held.has(r)),
        );
        for (const [image, length] of lengths.entries()) {
          const own: TrainingRow[] = drawn.filter((r) => r.image === image);
          assert.equal(own[0].evaluation, 0);
          assert.equal(own.at(-1)?.evaluation, length - 1);
        }
        assert.ok(drawn.length <= 5000 + 2 * lengths.length);
      }),
      { numRuns: 20 },
    );
  });
});
