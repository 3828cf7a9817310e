import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { calculator } from "../../src/calculators/registry.ts";
import { type BfgsState, bfgsInit, bfgsStep } from "../../src/optimize/bfgs.ts";
import { type RelaxStep, relax } from "../../src/optimize/relax.ts";
import { structure } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";

interface Case {
  readonly symbols: string[];
  readonly cell: number[];
  readonly pbc: [boolean, boolean, boolean];
  readonly fixed: number[];
  readonly fmax: number;
  readonly maxstep?: number;
  readonly alpha?: number;
  readonly converged: boolean;
  readonly steps: { energy: number; positions: number[]; forces: number[]; least_curvature: number | null }[];
}
const reference = JSON.parse(readFileSync(new URL("../reference/bfgs.json", import.meta.url), "utf8")) as { cases: Record<string, Case> };

function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (x, k) => Math.abs(x - b[k])));
}

/** A quadratic surface with a dense curvature: E = ½ (x - x0)·K (x - x0). */
function forcesOf(k: readonly number[], x0: readonly number[], x: Float64Array): Float64Array {
  const n = x.length;
  return x.map((_, i) => -x.reduce((sum, _x, j) => sum + k[n * i + j] * (x[j] - x0[j]), 0));
}

describe("BFGS against ASE's, step by step", () => {
  for (const [name, given] of Object.entries(reference.cases)) {
    it(`${name}: the map from forces to positions`, () => {
      const fixed = Uint8Array.from(given.symbols, (_, i) => (given.fixed.includes(i) ? 1 : 0));
      let state = bfgsInit({ alpha: given.alpha, maxstep: given.maxstep, fixed });
      for (let k = 0; k + 1 < given.steps.length; k++) {
        const taken = bfgsStep(state, Float64Array.from(given.steps[k].positions), Float64Array.from(given.steps[k].forces));
        // Forces are ASE's own at each step, so only the rounding of the two eigensolvers differs; curvatures up to 1e3 amplify it.
        assert.ok(largest(taken.positions, given.steps[k + 1].positions) < 1e-10, `step ${k + 1}`);
        state = taken.state;
      }
    });

    it(`${name}: the whole relaxation on our own EMT`, async () => {
      const { symbols, cell, pbc, fixed, positions } = { ...given, positions: given.steps[0].positions };
      const { fmax, alpha, maxstep } = given;
      const steps: RelaxStep[] = [];
      for await (const step of relax(structure({ symbols, cell, pbc, fixed, positions }), calculator({ engine: "emt" }), {
        fmax,
        alpha,
        maxstep,
      }))
        steps.push(step);
      assert.equal(steps.length, given.steps.length);
      assert.equal(steps.at(-1)?.converged, given.converged);
      // Differences of 1e-12 in the forces grow along the path by the ratio of curvatures, at most about 1e3 here.
      for (const [k, step] of steps.entries()) {
        assert.ok(Math.abs(step.energy - given.steps[k].energy) < 1e-8, `energy of step ${k}`);
        assert.ok(largest(step.structure.positions, given.steps[k].positions) < 1e-8, `positions of step ${k}`);
      }
    });
  }

  it("the references hold a shortened step and a negative curvature", () => {
    const capped = reference.cases["steps capped by maxstep"];
    const moved = capped.steps[1].positions.map((x, k) => x - capped.steps[0].positions[k]);
    const lengths = capped.symbols.map((_, i) => Math.hypot(moved[3 * i], moved[3 * i + 1], moved[3 * i + 2]));
    assert.ok(Math.abs(Math.max(...lengths) - 0.05) < 1e-12);
    assert.ok(reference.cases["negative curvature"].steps.some(({ least_curvature }) => (least_curvature ?? 0) < 0));
  });
});

describe("BFGS", () => {
  it("keeps a basis no larger than its history of two directions a step", () => {
    const { steps } = reference.cases["Cu(100) + N, bottom layer fixed"];
    let state = bfgsInit();
    for (const { positions, forces } of steps) state = bfgsStep(state, Float64Array.from(positions), Float64Array.from(forces)).state;
    assert.ok(state.basis.length <= 2 * (steps.length - 1), `${state.basis.length} directions after ${steps.length} steps`);
  });

  it("the Hessian satisfies the secant condition on random quadratic surfaces", () => {
    const component = fc.double({ min: -1, max: 1, noNaN: true });
    const vector = fc.array(component, { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(component, { minLength: 36, maxLength: 36 }), vector, vector, (root, x0, start) => {
        // K = RᵀR + 1 has curvatures of at least 1 eV/Å².
        const k = Array.from({ length: 36 }, (_, at) => {
          const [i, j] = [Math.floor(at / 6), at % 6];
          return root.reduce((sum, _r, row) => (row < 6 ? sum + root[6 * row + i] * root[6 * row + j] : sum), i === j ? 1 : 0);
        });
        let state: BfgsState = bfgsInit({ alpha: 5 });
        let x: Float64Array = Float64Array.from(start);
        for (let step = 0; step < 4; step++) {
          const [before, f0] = [x, forcesOf(k, x0, x)];
          ({ state, positions: x } = bfgsStep(state, x, f0));
          const f1 = forcesOf(k, x0, x);
          const learnt = bfgsStep(state, x, f1).state;
          const moved = x.map((c, i) => c - before[i]);
          if (moved.every((c) => Math.abs(c) < 1e-3)) return;
          const h = times(learnt, moved);
          // Rounding in differences of forces of about 10 eV/Å, relative to a move of 1e-3 Å or more.
          assert.ok(
            largest(
              h,
              f0.map((f, i) => f - f1[i]),
            ) < 1e-10,
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it("a retrained surface: the previous forces are replaced, as if it had walked on the new surface all along", () => {
    const k = [4, 1, 0.5, 1, 6, 0.2, 0.5, 0.2, 9];
    const [old, moved] = [
      [0.1, 0.2, -0.1],
      [0.13, 0.15, -0.02],
    ];
    const start = Float64Array.of(0.4, -0.3, 0.2);
    const first = bfgsStep(bfgsInit(), start, forcesOf(k, old, start));
    const x = first.positions;
    const renewed = bfgsStep(first.state, x, forcesOf(k, moved, x), forcesOf(k, moved, start));
    const { last } = first.state;
    assert.ok(last !== undefined);
    const pure = bfgsStep({ ...first.state, last: { ...last, forces: forcesOf(k, moved, start) } }, x, forcesOf(k, moved, x));
    assert.deepEqual(renewed, pure);
    const naive = bfgsStep(first.state, x, forcesOf(k, moved, x));
    assert.ok(largest(naive.positions, renewed.positions) > 1e-3);
  });

  it("a state that went through structuredClone takes the same step to the bit", () => {
    const { steps } = reference.cases["negative curvature"];
    let state = bfgsInit();
    for (const { positions, forces } of steps) {
      const [p, f] = [Float64Array.from(positions), Float64Array.from(forces)];
      const taken = bfgsStep(state, p, f);
      assert.deepEqual(bfgsStep(structuredClone(state), p, f), taken);
      state = taken.state;
    }
  });

  it("leaves its arguments alone and learns nothing from the same geometry", () => {
    const [p, f] = [Float64Array.of(0, 0, 0, 1, 2, 3), Float64Array.of(1, 2, 3, -1, -2, -3)];
    const first = bfgsStep(bfgsInit(), p, f);
    const again = bfgsStep(
      first.state,
      p,
      f.map((x) => 2 * x),
    );
    assert.deepEqual([...p, ...f], [0, 0, 0, 1, 2, 3, 1, 2, 3, -1, -2, -3]);
    assert.equal(again.state.basis.length, 0);
  });

  it("says what is wrong in one sentence", () => {
    const p = new Float64Array(6);
    assert.throws(
      () => bfgsStep(bfgsInit(), p, Float64Array.of(0, 0, 0, 0, Number.NaN, 0)),
      /the force on atom 1 is NaN; .*check the calculator/,
    );
    assert.throws(() => bfgsStep(bfgsInit(), p, new Float64Array(3)), /3 force components were given for 6 coordinates/);
    assert.throws(() => bfgsInit({ alpha: 0 }), /alpha is 0/);
    assert.throws(() => bfgsInit({ maxstep: -1 }), /maxstep is -1/);
  });
});

/** H·v of a state whose basis holds v. */
function times(state: BfgsState, v: Float64Array): Float64Array {
  const m = state.basis.length;
  const x = state.basis.map((u) => u.reduce((sum, c, i) => sum + c * v[i], 0));
  const out = new Float64Array(v.length);
  state.basis.forEach((u, i) => {
    const along = x.reduce((sum, c, j) => sum + state.hessian[m * i + j] * c, 0);
    for (let k = 0; k < out.length; k++) out[k] += along * u[k];
  });
  return out;
}
