import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Calculator } from "../../src/calculators/calculator.ts";
import { calculator } from "../../src/calculators/registry.ts";
import { fmax, type RelaxStep, relax } from "../../src/optimize/relax.ts";
import { structure } from "../../src/structure/structure.ts";

const emt = calculator({ engine: "emt" });
const trimer = structure({
  symbols: ["Cu", "Au", "N"],
  positions: [
    [0, 0, 0],
    [0.3, 0.4, 2.6],
    [1.9, -0.2, 0.9],
  ],
  fixed: [1],
});

async function all(steps: AsyncIterable<RelaxStep>): Promise<RelaxStep[]> {
  const list: RelaxStep[] = [];
  for await (const step of steps) list.push(step);
  return list;
}

describe("relax", () => {
  it("fixed atoms stay to the bit and do not count in fmax", async () => {
    const steps = await all(relax(trimer, emt, { fmax: 0.01 }));
    const last = steps[steps.length - 1];
    assert.equal(last.converged, true);
    assert.deepEqual(last.structure.positions.subarray(3, 6), trimer.positions.subarray(3, 6));
    assert.ok(fmax(last.forces, trimer.fixed) < 0.01);
    assert.deepEqual(
      steps.map((s) => s.step),
      steps.map((_, k) => k),
    );
    assert.ok(steps.slice(0, -1).every((s) => !s.converged));
    assert.equal(steps[0].structure, trimer);
  });

  it("ends unconverged after maxSteps steps, and returns the last", async () => {
    const path = relax(trimer, emt, { fmax: 1e-6, maxSteps: 2 });
    const seen: RelaxStep[] = [];
    let next = await path.next();
    for (; !next.done; next = await path.next()) seen.push(next.value);
    assert.equal(seen.length, 3);
    assert.equal(next.value, seen[2]);
    assert.equal(next.value.converged, false);
  });

  it("zero steps evaluate the start only", async () => {
    assert.equal((await all(relax(trimer, emt, { maxSteps: 0 }))).length, 1);
  });

  it("a force that is not finite ends it with one sentence", async () => {
    const broken: Calculator = {
      name: "broken",
      properties: ["energy", "forces"],
      calculate: async () => ({ energy: 1, forces: new Float64Array(9).fill(Number.NaN) }),
    };
    await assert.rejects(all(relax(trimer, broken)), /^RangeError: broken gave an energy or force that is not finite at step 0; /);
  });

  it("stops when its signal is aborted, with the reason", async () => {
    const control = new AbortController();
    const reason = new Error("enough");
    await assert.rejects(async () => {
      for await (const { step } of relax(trimer, emt, { fmax: 1e-9, signal: control.signal })) if (step === 1) control.abort(reason);
    }, reason);
  });

  it("refuses bounds that mean nothing", async () => {
    await assert.rejects(all(relax(trimer, emt, { fmax: 0 })), /fmax is 0 eV\/Å; give a positive force/);
    await assert.rejects(all(relax(trimer, emt, { maxSteps: -1 })), /maxSteps is -1; give a whole number/);
  });

  it("fmax is a length, not a component", () => {
    assert.equal(fmax(Float64Array.of(3, 4, 0, 1, 1, 1)), 5);
    assert.equal(fmax(Float64Array.of(3, 4, 0, 0, 2, 0), Uint8Array.of(1, 0)), 2);
    assert.equal(fmax(Float64Array.of(3, 4, 0), Uint8Array.of(1)), 0);
  });
});
