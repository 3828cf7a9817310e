/**
 * Effective medium theory for Al, Cu, Ag, Au, Ni, Pd, Pt (and, for play only, H, C, N, O): a many-body potential whose cost is that
 * of a pair potential. Jacobsen, Stoltze, Nørskov, Surf. Sci. 366, 394 (1996); parameters and smoothing as ASE 3.28 has them.
 *
 *   E = Σ_i [ E0_i (1 + λ_i s_i) exp(-λ_i s_i) + 6 V0_i exp(-κ_i s_i) - E0_i ]
 *       - ½ Σ_i (V0_i / γ2_i) Σ_j χ_ij exp(-κ_j (r_ij/β - s0_j)) w(r_ij)
 *   s_i = -ln(σ_i / 12 γ1_i) / (β η_i),   σ_i = Σ_j χ_ij exp(-η_j (r_ij - β s0_j)) w(r_ij),   χ_ij = n0_j / n0_i
 *   w(r) = 1 / (1 + exp(a (r - rc))), cut off a little beyond rc, where it still is 7e-6 (ASAP: 3e-3): the energy has small steps there.
 *
 * s_i is measured from s0_i. An atom without neighbours has the energy -E0. A pair's energy is shared half and half.
 * Not meant for: magnetism, alloys far from fcc, chemistry of H, C, N and O.
 */
import { determinant, rank } from "../linalg/cell.ts";
import { exp, log } from "../linalg/elementary.ts";
import { type NeighbourList, neighbourList } from "../linalg/neighbours.ts";
import { symbolOf } from "../structure/elements.ts";
import { type Structure, size } from "../structure/structure.ts";
import { BOHR } from "../units.ts";
import type { Calculator, EngineSpec, Property, Result } from "./calculator.ts";

/** Options of EMT. */
export interface EmtOptions {
  /** Cutoff from the largest element present, as in ASAP, rather than from the largest in the table. Default false, as in ASE. */
  readonly asapCutoff?: boolean;
}

/** EMT as an engine that can be written into a study file. */
export function emt(options: EmtOptions = {}): EngineSpec {
  return { engine: "emt", ...(options.asapCutoff !== undefined && { asap_cutoff: options.asapCutoff }) };
}

/** EMT as a calculator of energy, energies, forces and stress. */
export function emtCalculator(options: EmtOptions = {}): Calculator {
  return {
    name: "emt",
    properties: ["energy", "energies", "forces", "stress"],
    calculate: async (s, properties, signal) => {
      signal?.throwIfAborted();
      return emtResult(s, properties, options.asapCutoff);
    },
  };
}

/** E0 eV, s0 Bohr, V0 eV, η2 1/Bohr, κ 1/Bohr, λ 1/Bohr, n0 1/Bohr³. */
const TABLE: Readonly<Record<string, readonly [number, number, number, number, number, number, number]>> = {
  Al: [-3.28, 3.0, 1.493, 1.24, 2.0, 1.169, 0.007],
  Cu: [-3.51, 2.67, 2.476, 1.652, 2.74, 1.906, 0.0091],
  Ag: [-2.96, 3.01, 2.132, 1.652, 2.79, 1.892, 0.00547],
  Au: [-3.8, 3.0, 2.321, 1.674, 2.873, 2.182, 0.00703],
  Ni: [-4.44, 2.6, 3.673, 1.669, 2.757, 1.948, 0.0103],
  Pd: [-3.9, 2.87, 2.773, 1.818, 3.107, 2.155, 0.00688],
  Pt: [-5.85, 2.9, 4.067, 1.812, 3.145, 2.192, 0.00802],
  H: [-3.21, 1.31, 0.132, 2.652, 2.79, 3.892, 0.00547],
  C: [-3.5, 1.81, 0.332, 1.652, 2.79, 1.892, 0.01322],
  N: [-5.1, 1.88, 0.132, 1.652, 2.79, 1.892, 0.01222],
  O: [-4.6, 1.95, 0.332, 1.652, 2.79, 1.892, 0.0085],
};

/** Nearest-neighbour distance of an fcc crystal over its Wigner-Seitz radius, (16π/3)^(1/3)/√2, rounded as in ASE. */
const BETA = 1.809;

/** An element's parameters in eV and Å. */
interface Element {
  readonly e0: number;
  readonly s0: number;
  readonly v0: number;
  readonly eta: number;
  readonly kappa: number;
  readonly lambda: number;
  readonly n0: number;
  /** 1 / 12 γ1. */
  readonly inverseGamma1: number;
  /** -V0 / 2 γ2. */
  readonly halfV0: number;
}

interface Smoothing {
  /** Midpoint, Å: half way between the third and fourth neighbours of an fcc crystal. */
  readonly rc: number;
  /** Where the sums end, Å. */
  readonly cutoff: number;
  /** Steepness, 1/Å. */
  readonly slope: number;
}

/**
 * Energy and the asked properties by EMT, without the contract's promise.
 * @throws RangeError for an element without parameters, or if stress is asked where lattice vectors are missing.
 */
export function emtResult(s: Structure, properties: readonly Property[], asapCutoff = false): Result {
  const n = size(s);
  const wanted = (property: Property): boolean => properties.includes(property);
  if (wanted("stress") && rank(s.cell) < 3)
    throw new RangeError(
      `the stress needs 3 lattice vectors, and the structure has ${rank(s.cell)}; give a full cell or do not ask for it`,
    );
  const { kind, elements, smoothing } = parameters(s, asapCutoff);
  const list = neighbourList(s.positions, s.cell, s.pbc, smoothing.cutoff);
  const { energies, forces, virial } = sums(n, list, kind, elements, smoothing);
  let energy = 0;
  for (const e of energies) energy += e;
  const volume = Math.abs(determinant(s.cell));
  return {
    energy,
    ...(wanted("energies") && { energies }),
    ...(wanted("forces") && { forces }),
    ...(wanted("stress") && { stress: virial.map((x) => x / volume) }),
  };
}

function parameters(s: Structure, asapCutoff: boolean): { kind: Uint8Array; elements: Element[]; smoothing: Smoothing } {
  const present = [...new Set(s.numbers)];
  const unknown = present.map(symbolOf).find((symbol) => !Object.hasOwn(TABLE, symbol));
  if (unknown) throw new RangeError(`EMT has no parameters for ${unknown}; it knows ${Object.keys(TABLE).join(" ")}`);
  const relevant = asapCutoff ? present.map(symbolOf) : Object.keys(TABLE);
  const smoothing = smoothingOf(BETA * BOHR * Math.max(...relevant.map((symbol) => TABLE[symbol][1])), asapCutoff);
  return {
    kind: s.numbers.map((z) => present.indexOf(z)),
    elements: present.map((z) => elementOf(symbolOf(z), smoothing)),
    smoothing,
  };
}

/** Smoothing for an fcc crystal whose nearest neighbours are `nearest` Å apart; at the fourth neighbours it has fallen to 1e-4. */
function smoothingOf(nearest: number, asapCutoff: boolean): Smoothing {
  const rc = (nearest * (Math.sqrt(3) + 2)) / 2;
  return { rc, cutoff: asapCutoff ? 1.045 * rc : rc + 0.5, slope: log(1e4 - 1) / (2 * nearest - rc) };
}

function elementOf(symbol: string, { rc, slope }: Smoothing): Element {
  const [e0, s0, v0, eta, kappa, lambda, n0] = TABLE[symbol];
  const element = { e0, s0: s0 * BOHR, v0, eta: eta / BOHR, kappa: kappa / BOHR, lambda: lambda / BOHR, n0: n0 / (BOHR * BOHR * BOHR) };
  const nearest = BETA * element.s0;
  let [gamma1, gamma2] = [0, 0];
  // The three nearest shells of fcc: number of atoms, squared distance over that of the first.
  for (const [count, square] of [
    [12, 1],
    [6, 2],
    [24, 3],
  ]) {
    const r = nearest * Math.sqrt(square);
    const weight = count / 12 / (1 + exp(slope * (r - rc)));
    gamma1 += weight * exp(-element.eta * (r - nearest));
    gamma2 += weight * exp((-element.kappa / BETA) * (r - nearest));
  }
  return { ...element, inverseGamma1: 1 / (12 * gamma1), halfV0: (-0.5 * v0) / gamma2 };
}

/** The formula's sums; each pair is met once, seen from its lower atom. Virial as xx, yy, zz, yz, xz, xy, eV. */
function sums(
  n: number,
  list: NeighbourList,
  kind: Uint8Array,
  elements: readonly Element[],
  { rc, slope }: Smoothing,
): { energies: Float64Array; forces: Float64Array; virial: Float64Array } {
  const { start, index, vector, distance } = list;
  const energies = new Float64Array(n);
  const forces = new Float64Array(3 * n);
  const virial = new Float64Array(6);
  const sigma = new Float64Array(n);
  // (1/r) dE/dr of the pair energy, and (1/r) dσ/dr at either end, of each pair.
  const slopes = new Float64Array(3 * index.length);
  for (let i = 0; i < n; i++) {
    const one = elements[kind[i]];
    for (let p = start[i]; p < start[i + 1]; p++) {
      const j = index[p];
      if (!isFirst(i, j, vector, p)) continue;
      const other = elements[kind[j]];
      const r = distance[p];
      const chi = other.n0 / one.n0;
      const w = 1 / (1 + exp(slope * (r - rc)));
      const dw = slope * (w - 1); // w'/w
      const same = kind[i] === kind[j];

      const si = exp(-other.eta * (r - BETA * other.s0)) * chi * w;
      const sj = same ? si : (exp(-one.eta * (r - BETA * one.s0)) / chi) * w;
      sigma[i] += si;
      sigma[j] += sj;

      const ei = one.halfV0 * exp(-other.kappa * (r / BETA - other.s0)) * chi * w;
      const ej = same ? ei : ((other.halfV0 * exp(-one.kappa * (r / BETA - one.s0))) / chi) * w;
      energies[i] += (ei + ej) / 2;
      energies[j] += (ei + ej) / 2;

      slopes[3 * p] = (ei * (dw - other.kappa / BETA) + ej * (dw - one.kappa / BETA)) / r;
      slopes[3 * p + 1] = (si * (dw - other.eta)) / r;
      slopes[3 * p + 2] = (sj * (dw - one.eta)) / r;
    }
  }

  const dEdSigma = sigma; // overwritten atom by atom
  for (let i = 0; i < n; i++) {
    const { e0, v0, eta, kappa, lambda, inverseGamma1 } = elements[kind[i]];
    if (start[i] < start[i + 1]) {
      const s = -log(sigma[i] * inverseGamma1) / (BETA * eta);
      const cohesion = e0 * exp(-lambda * s);
      const repulsion = 6 * v0 * exp(-kappa * s);
      energies[i] += cohesion * (1 + lambda * s) + repulsion;
      dEdSigma[i] = (cohesion * lambda * lambda * s + kappa * repulsion) / (BETA * eta * sigma[i]);
    }
    energies[i] -= e0;
  }

  for (let i = 0; i < n; i++) {
    for (let p = start[i]; p < start[i + 1]; p++) {
      const j = index[p];
      if (!isFirst(i, j, vector, p)) continue;
      const f = slopes[3 * p] + dEdSigma[i] * slopes[3 * p + 1] + dEdSigma[j] * slopes[3 * p + 2];
      const [x, y, z] = [vector[3 * p], vector[3 * p + 1], vector[3 * p + 2]];
      forces[3 * i] += f * x;
      forces[3 * i + 1] += f * y;
      forces[3 * i + 2] += f * z;
      forces[3 * j] -= f * x;
      forces[3 * j + 1] -= f * y;
      forces[3 * j + 2] -= f * z;
      virial[0] += f * x * x;
      virial[1] += f * y * y;
      virial[2] += f * z * z;
      virial[3] += f * y * z;
      virial[4] += f * x * z;
      virial[5] += f * x * y;
    }
  }
  return { energies, forces, virial };
}

/** Whether a neighbour entry is the one that stands for its pair: the lower atom's, or of an atom and its own image the upper half. */
function isFirst(i: number, j: number, vector: Float64Array, p: number): boolean {
  if (i !== j) return i < j;
  const [x, y, z] = [vector[3 * p], vector[3 * p + 1], vector[3 * p + 2]];
  return z > 0 || (z === 0 && (y > 0 || (y === 0 && x > 0)));
}
