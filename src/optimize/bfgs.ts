/**
 * Quasi-Newton minimisation with the BFGS update of the Hessian H and |eigenvalues|, so that every step goes downhill:
 *
 *     step = Σ v (v·f) / |ω|,  H v = ω v;   H ← H + y yᵀ / (x·y) - (Hx)(Hx)ᵀ / (x·Hx),  x = change of positions, y = -change of forces
 *
 * starting from H = α 1, the step shortened as a whole where an atom would move too far. It walks the path of ASE's `BFGS` (A. Hjorth
 * Larsen et al., J. Phys.: Condens. Matter 29, 273002 (2017); update: Nocedal and Wright, Numerical Optimization, eq. 6.19).
 *
 * H differs from α 1 only in the span of all x and y so far. An orthonormal basis of that span and H within it are kept instead of
 * the [3N, 3N] matrix, which makes the eigenproblem as large as the history, not the system, with the same steps.
 * No line search, no cell.
 */
import { dot } from "../linalg/dense.ts";
import { symmetricEigen } from "../linalg/eigen.ts";
import { norm } from "../linalg/elementary.ts";

export interface BfgsOptions {
  /** Curvature where nothing is known yet, eV/Å². Default 70, ASE's. */
  readonly alpha?: number;
  /** Most that an atom moves in a step, Å. Default 0.2, ASE's. */
  readonly maxstep?: number;
  /** 1 for an atom that does not move, [N]: its forces count as zero. Default: all move. */
  readonly fixed?: Uint8Array;
}

/** Everything that the next step depends on. A plain record: it survives `structuredClone`. */
export interface BfgsState {
  readonly alpha: number;
  readonly maxstep: number;
  readonly fixed?: Uint8Array;
  /** Orthonormal directions in which the curvature is known, m of [3N]. */
  readonly basis: readonly Float64Array[];
  /** H in that basis, [m, m] eV/Å². */
  readonly hessian: Float64Array;
  /** Positions (Å) and forces (eV/Å) that the last step started from, [3N] each; absent before the first. */
  readonly last?: { readonly positions: Float64Array; readonly forces: Float64Array };
}

/** Below this largest coordinate change (Å) the geometry counts as the same and teaches no curvature (ASE's value). */
const SAME = 1e-7;
/** A direction enters the basis if this part of it is new; less is rounding. */
const NEW = 1e-12;
/** Keeps a direction without curvature from an infinite step, eV/Å². */
const FLAT = 1e-10;

/**
 * State before the first step.
 * @throws RangeError if `alpha` or `maxstep` is not a positive number.
 */
export function bfgsInit(options: BfgsOptions = {}): BfgsState {
  const { alpha = 70, maxstep = 0.2, fixed } = options;
  if (!(alpha > 0)) throw new RangeError(`alpha is ${alpha} eV/Å²; give a positive curvature, such as 70`);
  if (!(maxstep > 0)) throw new RangeError(`maxstep is ${maxstep} Å; give a positive length, such as 0.2`);
  return { alpha, maxstep, basis: [], hessian: new Float64Array(0), ...(fixed && { fixed }) };
}

/**
 * Learns from where the last step led and takes the next one.
 * @param positions [3N] Å
 * @param forces at `positions`, [3N] eV/Å
 * @param previousForces at the positions of the call before, [3N] eV/Å: needed when the surface itself changed since (a retrained
 * model), so that both ends of the difference lie on one surface. Default: the forces given then.
 * @returns the next state and new positions [3N] Å; arguments are left as they are.
 * @throws RangeError if a force is not finite or lengths disagree.
 */
export function bfgsStep(
  state: BfgsState,
  positions: Float64Array,
  forces: Float64Array,
  previousForces?: Float64Array,
): { state: BfgsState; positions: Float64Array } {
  const f = freeForces(forces, positions.length, state.fixed);
  const { basis, hessian } = learned(state, positions, f, previousForces && freeForces(previousForces, positions.length, state.fixed));
  const step = newtonStep(f, basis, hessian, state.alpha);
  let longest = 0;
  for (let i = 0; i < step.length; i += 3) longest = Math.max(longest, norm(step[i], step[i + 1], step[i + 2]));
  const scale = longest >= state.maxstep ? state.maxstep / longest : 1;
  return {
    state: { ...state, basis, hessian, last: { positions: positions.slice(), forces: f } },
    positions: positions.map((x, k) => x + scale * step[k]),
  };
}

/** The BFGS update, with the basis grown by the two new directions. */
function learned(
  state: BfgsState,
  positions: Float64Array,
  forces: Float64Array,
  previousForces: Float64Array | undefined,
): { basis: readonly Float64Array[]; hessian: Float64Array } {
  const { last, basis, hessian, alpha } = state;
  if (last === undefined) return { basis, hessian };
  const before = previousForces ?? last.forces;
  const moved = positions.map((x, k) => x - last.positions[k]);
  if (moved.every((d) => Math.abs(d) < SAME)) return { basis, hessian };
  const gradient = forces.map((f, k) => before[k] - f);

  const larger = extended(extended(basis, moved), gradient);
  const m = larger.length;
  const h = widened(hessian, basis.length, m, alpha);
  const x = components(larger, moved);
  const y = components(larger, gradient);
  const hx = x.map((_, i) => dot(h, x, m, m * i));
  const [xy, xhx] = [dot(x, y, m), dot(x, hx, m)];
  if (xy === 0 || xhx === 0) return { basis, hessian };
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) h[m * i + j] += (y[i] * y[j]) / xy - (hx[i] * hx[j]) / xhx;
  return { basis: larger, hessian: h };
}

/** Σ v (v·f) / |ω|: within the basis by its eigenvectors, outside it f / α. */
function newtonStep(f: Float64Array, basis: readonly Float64Array[], hessian: Float64Array, alpha: number): Float64Array {
  const m = basis.length;
  const within = components(basis, f);
  const { values, vectors } = symmetricEigen(hessian);
  const step = f.map((component) => component / alpha);
  const change = within.map((component) => -component / alpha);
  for (let k = 0; k < m; k++) {
    const along = dot(vectors, within, m, m * k) / Math.max(Math.abs(values[k]), FLAT);
    for (let i = 0; i < m; i++) change[i] += along * vectors[m * k + i];
  }
  basis.forEach((u, i) => {
    for (let k = 0; k < step.length; k++) step[k] += change[i] * u[k];
  });
  return step;
}

/** Gram-Schmidt, done twice because once leaves rounding errors as large as the vector is nearly dependent. */
function extended(basis: readonly Float64Array[], vector: Float64Array): readonly Float64Array[] {
  const rest = vector.slice();
  for (let pass = 0; pass < 2; pass++) {
    for (const u of basis) {
      const along = dot(u, rest, rest.length);
      for (let k = 0; k < rest.length; k++) rest[k] -= along * u[k];
    }
  }
  const length = Math.sqrt(dot(rest, rest, rest.length));
  return length <= NEW * Math.sqrt(dot(vector, vector, vector.length)) ? basis : [...basis, rest.map((component) => component / length)];
}

/** v·u for every u of the basis. */
function components(basis: readonly Float64Array[], v: Float64Array): Float64Array {
  return Float64Array.from(basis, (u) => dot(u, v, v.length));
}

/** [m, m] in the larger basis: α in the directions that are new. */
function widened(hessian: Float64Array, old: number, m: number, alpha: number): Float64Array {
  const wide = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    if (i < old) wide.set(hessian.subarray(old * i, old * (i + 1)), m * i);
    else wide[m * i + i] = alpha;
  }
  return wide;
}

function freeForces(forces: Float64Array, length: number, fixed: Uint8Array | undefined): Float64Array {
  if (forces.length !== length)
    throw new RangeError(`${forces.length} force components were given for ${length} coordinates; give one each`);
  const bad = forces.findIndex((f) => !Number.isFinite(f));
  if (bad >= 0)
    throw new RangeError(`the force on atom ${Math.floor(bad / 3)} is ${forces[bad]}; BFGS needs finite forces, check the calculator`);
  return forces.map((f, k) => (fixed?.[Math.floor(k / 3)] ? 0 : f));
}
