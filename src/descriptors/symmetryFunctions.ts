/**
 * Behler's atom-centred symmetry functions and their derivatives with respect to each neighbour's position.
 *   G2 = Σ_j exp(-η (r_ij - rs)²/Rc²) fc(r_ij)
 *   G4 = 2^(1-ζ) Σ_{j<k} (1 + γ cos θ_jik)^ζ exp(-η (r_ij² + r_ik² + r_jk²)/Rc²) fc(r_ij) fc(r_ik) fc(r_jk)
 *   G5 = 2^(1-ζ) Σ_{j<k} (1 + γ cos θ_jik)^ζ exp(-η (r_ij² + r_ik²)/Rc²) fc(r_ij) fc(r_ik)
 * Behler, J. Chem. Phys. 134, 074106 (2011). An angular function depends on the three squared sides u, v, w only, so its
 * derivative is three numbers: dG = a du + b dv + c dw.
 */
import type { NeighbourList } from "../linalg/neighbours.ts";
import { neighbourList } from "../linalg/neighbours.ts";
import { symbolOf } from "../structure/elements.ts";
import type { Structure } from "../structure/structure.ts";
import { cutoff, cutoffSlope } from "./cutoffs.ts";
import { type AngularFunction, type DescriptorSettings, fingerprintSize } from "./settings.ts";

/** The fingerprint of one atom and its derivatives with respect to the vectors to its neighbours. Overwritten by the next atom. */
export interface Surroundings {
  /** [D]. */
  readonly values: Float64Array;
  /** dG/d(vector), [neighbours][3][D] 1/Å; longer than filled. */
  slopes: Float64Array;
}

/** Describes atoms of one structure, one after another, in buffers that are used again. */
export interface Describer {
  /** D. */
  readonly size: number;
  readonly neighbours: NeighbourList;
  /** Fingerprint of atom i, with slopes for its neighbours in the list's order. */
  describe(i: number): Surroundings;
}

/** Å. Atoms closer than this are the same atom twice, and have no direction from one to the other. */
const CLOSEST = 1e-6;

/**
 * Prepares the description of a structure.
 * @throws RangeError if it has an element that the settings do not name, or two atoms in one place.
 */
export function describer(structure: Structure, settings: DescriptorSettings): Describer {
  const { numbers } = structure;
  const kinds = settings.elements.length;
  const kindOf = new Int32Array(119).fill(-1);
  settings.elements.forEach((z, k) => {
    kindOf[z] = k;
  });
  for (const z of numbers) {
    if (kindOf[z] < 0)
      throw new RangeError(
        `the descriptors know ${settings.elements.map(symbolOf).join(", ")} but not ${symbolOf(z)}; train on data that contain it`,
      );
  }
  const { start, index, vector, distance } = neighbourList(structure.positions, structure.cell, structure.pbc, settings.cutoff);
  const pair = distance.findIndex((r) => r < CLOSEST);
  if (pair >= 0) {
    const i = start.findIndex((first) => first > pair) - 1;
    throw new RangeError(`atoms ${i} and ${index[pair]} are ${distance[pair]} Å apart; two atoms cannot stand in one place`);
  }
  const size = fingerprintSize(settings);
  const result: Surroundings = { values: new Float64Array(size), slopes: new Float64Array(3 * size * 32) };
  const rc = settings.cutoff;
  const rc2 = rc * rc;
  const { g2 } = settings;
  const angles = [
    { functions: settings.g4, third: true, base: kinds * g2.length },
    { functions: settings.g5, third: false, base: kinds * g2.length + ((kinds * (kinds + 1)) / 2) * settings.g4.length },
  ].filter((a) => a.functions.length > 0);
  let fc = new Float64Array(64);
  let fcSlope = new Float64Array(64);
  const triple = new Float64Array(4);

  const describe = (i: number): Surroundings => {
    const from = start[i];
    const n = start[i + 1] - from;
    if (3 * size * n > result.slopes.length) result.slopes = new Float64Array(3 * size * 2 * n);
    if (n > fc.length) {
      fc = new Float64Array(2 * n);
      fcSlope = new Float64Array(2 * n);
    }
    const { values, slopes } = result;
    values.fill(0);
    slopes.fill(0, 0, 3 * size * n);
    for (let j = 0; j < n; j++) {
      const r = distance[from + j];
      fc[j] = cutoff(settings.cutoffFunction, r, rc);
      fcSlope[j] = cutoffSlope(settings.cutoffFunction, r, rc);
      let d = kindOf[numbers[index[from + j]]] * g2.length;
      for (let f = 0; f < g2.length; f++, d++) {
        const away = r - g2[f].rs;
        const e = Math.exp((-g2[f].eta * away * away) / rc2);
        const slope = (e * (fcSlope[j] - (2 * g2[f].eta * away * fc[j]) / rc2)) / r;
        values[d] += e * fc[j];
        for (let c = 0; c < 3; c++) slopes[(3 * j + c) * size + d] += slope * vector[3 * (from + j) + c];
      }
    }
    for (let j = 1; j < n; j++) {
      const kj = kindOf[numbers[index[from + j]]];
      const [xj, yj, zj] = [vector[3 * (from + j)], vector[3 * (from + j) + 1], vector[3 * (from + j) + 2]];
      for (let k = 0; k < j; k++) {
        const p = 3 * (from + k);
        const [xk, yk, zk] = [vector[p], vector[p + 1], vector[p + 2]];
        const [dx, dy, dz] = [xj - xk, yj - yk, zj - zk];
        const w = dx * dx + dy * dy + dz * dz;
        const kk = kindOf[numbers[index[from + k]]];
        const low = Math.min(kj, kk);
        const pair = low * kinds - (low * (low - 1)) / 2 + Math.abs(kj - kk);
        for (const { functions, third, base } of angles) {
          if (third && w >= rc2) continue;
          const s = third ? Math.sqrt(w) : 0;
          const fcThird = third ? cutoff(settings.cutoffFunction, s, rc) : 1;
          const fcThirdSlope = third ? cutoffSlope(settings.cutoffFunction, s, rc) : 0;
          let d = base + pair * functions.length;
          for (let f = 0; f < functions.length; f++, d++) {
            angularTerm(
              functions[f],
              third,
              distance[from + j],
              distance[from + k],
              s,
              w,
              rc2,
              fc[j],
              fc[k],
              fcThird,
              fcSlope[j],
              fcSlope[k],
              fcThirdSlope,
              triple,
            );
            values[d] += triple[0];
            const [a, b, c] = [2 * triple[1], 2 * triple[2], 2 * triple[3]];
            const atJ = 3 * j * size + d;
            const atK = 3 * k * size + d;
            slopes[atJ] += a * xj + c * dx;
            slopes[atJ + size] += a * yj + c * dy;
            slopes[atJ + 2 * size] += a * zj + c * dz;
            slopes[atK] += b * xk - c * dx;
            slopes[atK + size] += b * yk - c * dy;
            slopes[atK + 2 * size] += b * zk - c * dz;
          }
        }
      }
    }
    return result;
  };
  return { size, neighbours: { start, index, vector, distance }, describe };
}

/** Value of one angular function on one triangle and its derivatives by the squared sides: out = G, dG/du, dG/dv, dG/dw. */
function angularTerm(
  f: AngularFunction,
  third: boolean,
  ri: number,
  rk: number,
  s: number,
  w: number,
  rc2: number,
  fcI: number,
  fcK: number,
  fcS: number,
  slopeI: number,
  slopeK: number,
  slopeS: number,
  out: Float64Array,
): void {
  const u = ri * ri;
  const v = rk * rk;
  const product = ri * rk;
  const cos = (u + v - w) / (2 * product);
  const base = Math.max(0, 1 + f.gamma * cos);
  // In a straight line the angle has no first-order change, so that its slope is zero even where ζ < 1 makes this factor infinite.
  const lower = base > 0 || f.zeta >= 1 ? power(base, f.zeta - 1) : 0;
  const eta = f.eta / rc2;
  const radial = 2 ** (1 - f.zeta) * Math.exp(-eta * (u + v + (third ? w : 0)));
  const all = fcI * fcK * fcS;
  const angle = lower * base;
  const cosU = 1 / (2 * product) - cos / (2 * u);
  const cosV = 1 / (2 * product) - cos / (2 * v);
  const cosW = -1 / (2 * product);
  const bend = f.zeta * f.gamma * lower * all;
  out[0] = radial * angle * all;
  out[1] = radial * (bend * cosU + angle * (-eta * all + (slopeI * fcK * fcS) / (2 * ri)));
  out[2] = radial * (bend * cosV + angle * (-eta * all + (fcI * slopeK * fcS) / (2 * rk)));
  out[3] = radial * (bend * cosW + (third ? angle * (-eta * all + (fcI * fcK * slopeS) / (2 * s)) : 0));
}

/** x^n by multiplication for the small whole exponents that are usual. */
function power(x: number, n: number): number {
  if (n === 0) return 1;
  if (!Number.isInteger(n) || n > 16) return x ** n;
  let result = x;
  for (let k = 1; k < n; k++) result *= x;
  return result;
}
