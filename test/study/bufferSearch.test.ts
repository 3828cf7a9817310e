import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Calculator } from "../../src/calculators/calculator.ts";
import { emtCalculator } from "../../src/calculators/emt.ts";
import { carve, cut } from "../../src/hybrid/carve.ts";
import { spread } from "../../src/hybrid/links.ts";
import { openEngine } from "../../src/qm/engines.ts";
import { gfn2Xtb } from "../../src/qm/xtb.ts";
import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { bonded, select } from "../../src/structure/regions.ts";
import { type Structure, size } from "../../src/structure/structure.ts";
import { type BufferCall, bufferName, bufferSearch, growingBuffers } from "../../src/study/bufferSearch.ts";
import { studyA } from "../../src/study/examples.ts";
import { fc } from "../properties.ts";
import { tinySlab } from "./tinyStudy.ts";

const { structure: clean, file } = studyA();
const slab = rattle(clean, { stdev: 0.1, seed: 1 });
const core = select(clean, file.core);
const emt = emtCalculator();

/** Forces between pairs that swing with the distance, so that a larger cluster may be worse than a smaller one. */
const swinging: Calculator = {
  name: "swinging",
  properties: ["energy", "forces"],
  async calculate({ positions }) {
    const forces = new Float64Array(positions.length);
    for (let i = 0; i < positions.length; i += 3) {
      for (let j = 0; j < positions.length; j += 3) {
        const d = [0, 1, 2].map((k) => positions[i + k] - positions[j + k]);
        const r = Math.hypot(...d);
        for (let k = 0; k < 3 && i !== j; k++) forces[i + k] += (d[k] / r) * Math.cos(3 * r);
      }
    }
    return { energy: 0, forces };
  },
};

describe("bufferSearch", () => {
  it("of study A by EMT has the errors that are known of it, and proposes what they say", async () => {
    const { rows, proposed, refused, fullSeconds } = await bufferSearch(slab, core, emt, { buffers: [3.7, 4.5, 5.2, 6.4], full: true });
    assert.deepEqual([rows.map((r) => r.buffer), refused], [[3.7, 4.5, 5.2, 6.4], []]);
    assert.ok(fullSeconds !== null);
    // 0.23, 0.05, 0.018 and 0.0006 eV/Å at a geometry of another rattling.
    [0.23, 0.05, 0.018, 0.0006].forEach((known, k) => {
      const ratio = rows[k].coreForceError / known;
      assert.ok(ratio > 0.6 && ratio < 1.5, `${rows[k].coreForceError} at ${rows[k].buffer} Å`);
    });
    assert.equal(proposed, 5.2);
    assert.equal((await bufferSearch(slab, core, emt, { buffers: [3.7, 4.5, 5.2, 6.4], full: true, tolerance: 0.3 })).proposed, 3.7);
  });

  it("compares with the largest buffer where full QM is not asked, and does not propose that one", async () => {
    const { rows, proposed, fullSeconds } = await bufferSearch(slab, core, emt, { buffers: [6.4, 3.7, 5.2] });
    assert.deepEqual([rows.map((r) => r.buffer), rows[2].coreForceError, fullSeconds], [[3.7, 5.2, 6.4], 0, null]);
    assert.equal(proposed, 5.2);
    const none = await bufferSearch(slab, core, emt, { buffers: [3.7, 5.2], tolerance: 0.01 });
    assert.equal(none.proposed, null);
  });

  it("of a molecule hands the forces on links on, and is exact once all atoms are in", async () => {
    const acid = fattyAcid(7, { torsion: 60 });
    const own = select(acid, bonded(2, "O"));
    const engine = await openEngine(gfn2Xtb());
    try {
      const { rows, proposed } = await bufferSearch(acid, own, engine, { full: true, buffers: growingBuffers("bonds", 8) });
      assert.deepEqual([rows[0].buffer, rows[0].links, rows.at(-1)?.atoms, rows.at(-1)?.links], [{ bonds: 0 }, 1, size(acid), 0]);
      // Self-consistent to tblite's own convergence.
      assert.ok((rows.at(-1)?.coreForceError ?? 1) < 1e-5);
      const bonds = (proposed as { bonds: number }).bonds;
      assert.ok(bonds >= 1 && bonds <= 3, bufferName({ bonds }));
      const cluster = carve(acid, own, { buffer: { bonds: 0 } });
      const [q, s] = await Promise.all([cut(acid, cluster), acid].map((what) => engine.calculate(what, ["energy", "forces"])));
      const difference = spread(acid, cluster, q.forces as Float64Array).map((f, k) => f - (s.forces as Float64Array)[k]);
      const lengths = Array.from(own, (i) => Math.hypot(...difference.subarray(3 * i, 3 * i + 3)));
      // tblite as above, calculated again.
      assert.ok(Math.abs(rows[0].coreForceError - Math.max(...lengths)) < 1e-5);
    } finally {
      await engine.close();
    }
  });

  it("proposes the smallest buffer from which on all are within the tolerance, also where a larger one is worse", async () => {
    const { rows } = await bufferSearch(slab, core, swinging, { full: true });
    const errors = rows.map((r) => r.coreForceError);
    assert.ok(errors.some((e, k) => k > 0 && e > errors[k - 1]));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...errors), async (tolerance) => {
        const { proposed } = await bufferSearch(slab, core, swinging, { full: true, tolerance });
        const within = rows.filter((_, k) => errors.slice(k).every((e) => e <= tolerance));
        assert.equal(proposed, within[0]?.buffer ?? null);
      }),
      { numRuns: 8 },
    );
  });

  it("names the first in the list of buffers that make one cluster, and calculates it once", async () => {
    const calls: BufferCall[] = [];
    const { rows } = await bufferSearch(slab, core, emt, { buffers: [5.2, 3, 3.0001, 5.2001], report: (call) => calls.push(call) });
    assert.deepEqual(
      rows.map((r) => r.buffer),
      [3, 5.2],
    );
    assert.deepEqual(
      calls.map(({ buffer, seconds }) => [buffer, seconds === null]),
      [
        [3, true],
        [3, false],
        [5.2, true],
        [5.2, false],
      ],
    );
  });

  it("goes on without buffers that cut what must not be cut, or that QM gives nothing for", async () => {
    const acid = fattyAcid(6);
    const oxygens = Uint32Array.from(acid.numbers.keys()).filter((i) => acid.numbers[i] === 8);
    const fails: Calculator = {
      ...swinging,
      async calculate(s, properties) {
        if (size(s) === 8) throw new Error("it did not converge");
        return swinging.calculate(s, properties);
      },
    };
    const { rows, refused } = await bufferSearch(acid, oxygens, fails, {});
    assert.match(refused[0].message, /for which no link hydrogen can stand/);
    assert.deepEqual(refused.slice(1), [{ buffer: { bonds: 2 }, message: "it did not converge" }]);
    assert.deepEqual(
      rows.slice(0, 2).map((r) => r.buffer),
      [{ bonds: 1 }, { bonds: 3 }],
    );
    const never: Calculator = { ...swinging, calculate: () => Promise.reject(new Error("there is no QM here")) };
    await assert.rejects(bufferSearch(acid, oxygens, never), /^Error: QM gave nothing for any buffer: the boundary/);
    await assert.rejects(bufferSearch(acid, oxygens, never, { full: true }), /^Error: there is no QM here$/);
  });

  it("counts in Å where there is a metal or molecules stay whole, in bonds otherwise", async () => {
    const unit = async (s: Structure, wholeMolecules: boolean): Promise<string> => {
      const { rows } = await bufferSearch(s, Uint32Array.of(0), swinging, { wholeMolecules, full: true });
      return typeof rows[0].buffer;
    };
    assert.deepEqual(
      [await unit(tinySlab(), false), await unit(fattyAcid(4), false), await unit(fattyAcid(4), true)],
      ["number", "object", "number"],
    );
    assert.deepEqual(growingBuffers("Å", 3.4), [2, 2.5, 3]);
    assert.deepEqual([growingBuffers("Å", 1), growingBuffers("Å").at(-1), growingBuffers("bonds").length], [[], 7, 7]);
    assert.deepEqual([bufferName(5.2), bufferName({ bonds: 1 }), bufferName({ bonds: 2 })], ["5.2 Å", "1 bond", "2 bonds"]);
  });

  it("ends when told to, before the next calculation", async () => {
    const stop = new AbortController();
    let asked = 0;
    const report = ({ seconds }: BufferCall): void => {
      if (seconds === null && ++asked === 2) stop.abort(new Error("enough"));
    };
    await assert.rejects(bufferSearch(slab, core, emt, { signal: stop.signal, report }), /^Error: enough$/);
    assert.equal(asked, 2);
  });

  it("refuses what it cannot search in one sentence", async () => {
    await assert.rejects(bufferSearch(slab, core, emt, { tolerance: 0 }), /^RangeError: the tolerance is 0 eV\/Å; give a positive number/);
    await assert.rejects(bufferSearch(slab, core, emt, { buffers: [] }), /^RangeError: there are no buffers to try; give at least two$/);
    await assert.rejects(bufferSearch(slab, new Uint32Array(0), emt), /^RangeError: the core has no atoms; name at least one$/);
    await assert.rejects(bufferSearch(slab, Uint32Array.of(999), emt), /^RangeError: atom 999 of the core is outside 0\.\.144$/);
    await assert.rejects(
      bufferSearch(slab, core, emt, { buffers: [5.2] }),
      /^RangeError: all buffers make one QM cluster, of \d+ atoms, so there is nothing to compare; try larger ones, or compare with full QM$/,
    );
  });
});
