/**
 * A WebAssembly memory with the engine's kernels over it. The memory is shared and grows when it is asked for more: arrays given before
 * stay what they are, and a worker thread that is handed it sees them. Arrays are laid down one after another and taken back together.
 */
import { readFileSync } from "node:fs";

/** Where a memory is filled to, bytes. */
export type Mark = number;

/** Kernels and the memory that they work in; they are given addresses, `byteOffset` of its arrays. */
export interface Machine {
  readonly kernels: Kernels;
  /** Zeros. @throws RangeError beyond the 4 GiB that WebAssembly addresses. */
  floats(length: number): Float64Array;
  /** Zeros. @throws RangeError likewise. */
  integers(length: number): Uint32Array;
  /** Whether an array lies in its memory. */
  holds(array: Float64Array): boolean;
  /** How far the memory is filled. */
  mark(): Mark;
  /** Takes back what was given after the mark. */
  release(mark: Mark): void;
}

/** What the compiled module exports: addresses in bytes, sizes in numbers. */
export interface Kernels {
  workSize(lanes: number, depth: number): number;
  addGram(j: number, m: number, n: number, block: number, c: number, work: number): void;
  addRowGram(j: number, m: number, n: number, block: number, c: number, work: number): void;
  cholesky(a: number, n: number, work: number): number;
  solveLower(l: number, n: number, b: number): void;
  solveUpper(l: number, n: number, b: number): void;
  multiply(j: number, m: number, n: number, x: number, out: number): void;
  addTransposed(j: number, m: number, n: number, y: number, out: number): void;
  solveLowerRows(l: number, n: number, b: number, columns: number): void;
  mirror(c: number, n: number): void;
  multiplyRows(a: number, p: number, k: number, b: number, n: number, c: number): void;
  inverseHessian(s: number, y: number, curvature: number, k: number, n: number, scale: number, q: number, work: number): void;
  tabulate(which: number, x: number, y: number, n: number, out: number): void;
  atomsSize(n: number, elements: number): number;
  layAtoms(
    at: number,
    n: number,
    elements: number,
    positions: number,
    kinds: number,
    lattice: number,
    periodic: number,
    cutoff: number,
  ): number;
  mostNeighbours(atoms: number): number;
  aroundSize(n: number, elements: number, most: number): number;
  layAround(at: number, n: number, elements: number, most: number): void;
  planSize(radials: number, groups: number, pairs: number): number;
  layPlan(
    at: number,
    cutoff: number,
    exponent: number,
    elements: number,
    g2: number,
    g4: number,
    g5: number,
    radials: number,
    radial: number,
    groups: number,
    group: number,
    pairs: number,
    pair: number,
  ): void;
  describingSize(plan: number, most: number): number;
  describeCentres(
    plan: number,
    atoms: number,
    around: number,
    scratch: number,
    merged: boolean,
    from: number,
    end: number,
    room: number,
    values: number,
    start: number,
    atom: number,
    vectors: number,
    slopes: number,
  ): number;
  countMovers(atoms: number, around: number): number;
  preparedSize(net: number): number;
  sweepSize(net: number, rows: number): number;
  gradientSize(net: number): number;
  networkWork(net: number, rows: number): number;
  prepare(net: number, weights: number, low: number, high: number, prepared: number): void;
  sweep(net: number, prepared: number, values: number, to: number, rows: number, first: number, count: number): number;
  addNetworkGradient(
    net: number,
    prepared: number,
    from: number,
    rows: number,
    first: number,
    count: number,
    c: number,
    gradient: number,
    work: number,
  ): void;
  addUnpadded(net: number, gradient: number, out: number): void;
  slopesWork(form: number, inputs: number, lanes: number): number;
  steepestWork(form: number, size: number): number;
  addSteepest(form: number, size: number, count: number, kinds: number, start: number, slopes: number, work: number, out: number): void;
  sumSlopes(form: number, first: number, end: number, start: number, slopes: number, inputs: number, own: number): void;
  addForces(
    form: number,
    models: number,
    first: number,
    count: number,
    start: number,
    atom: number,
    slopes: number,
    own: number,
    g: number,
    stepG: number,
    factors: number,
    stepFactors: number,
    inputs: number,
    forces: number,
    work: number,
  ): void;
  pullForces(
    form: number,
    models: number,
    first: number,
    count: number,
    start: number,
    atom: number,
    slopes: number,
    own: number,
    b: number,
    t: number,
    stepT: number,
    factors: number,
    stepFactors: number,
    inputs: number,
    work: number,
  ): void;
  addForcesOfOne(
    form: number,
    first: number,
    count: number,
    start: number,
    atom: number,
    slopes: number,
    own: number,
    g: number,
    factors: number,
    inputs: number,
    forces: number,
    work: number,
  ): void;
  pullForcesOfOne(
    form: number,
    first: number,
    count: number,
    start: number,
    atom: number,
    slopes: number,
    own: number,
    b: number,
    t: number,
    factors: number,
    inputs: number,
    work: number,
  ): void;
  predictionSize(net: number, form: number, models: number, n: number, rows: number, most: number): number;
  layPrediction(
    at: number,
    plan: number,
    atoms: number,
    around: number,
    scratch: number,
    net: number,
    form: number,
    models: number,
    prepared: number,
    rows: number,
    most: number,
    centre: number,
    energies: number,
    totals: number,
    atom: number,
    forces: number,
  ): void;
  openBlock(prediction: number, from: number, end: number): void;
  predictSome(prediction: number): number;
  atomsReached(prediction: number): number;
  takeErrors(lanes: number, count: number, forces: number, target: number, weight: number, squares: number): void;
  jacobianWork(net: number, form: number, rows: number, entries: number): number;
  addForceRows(
    net: number,
    form: number,
    kinds: number,
    prepared: number,
    from: number,
    rows: number,
    first: number,
    end: number,
    start: number,
    atom: number,
    slopes: number,
    own: number,
    place: number,
    scale: number,
    j: number,
    size: number,
    block: number,
    work: number,
  ): void;
}

interface Memory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** What is used of the platform's WebAssembly, which TypeScript knows only together with all of a browser. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  readonly Memory: new (sizes: { initial: number; maximum: number; shared: boolean }) => Memory;
};

/** Bytes of a page, and the pages that addresses reach. */
const [PAGE, MOST_PAGES] = [65536, 65536];
/** Bytes at which arrays begin: one cache line. */
const ALIGNMENT = 64;

let compiled: object | undefined;

let spare: Machine | undefined;

/**
 * Does work in a machine that is kept for the next: a collector of garbage does not see how large these memories are, and would let a hundred of them
 * pile up. What was laid there must not be used afterwards.
 */
export function withMachine<R>(work: (on: Machine) => R): R {
  const on = spare ?? machine();
  spare = undefined;
  const mark = on.mark();
  try {
    return work(on);
  } finally {
    on.release(mark);
    spare = on;
  }
}

/** The kernels over an empty memory that can grow to all that addresses reach: the platform sets aside addresses for it, not memory. */
function instance(): { readonly memory: Memory; readonly kernels: Kernels } {
  try {
    compiled ??= new WebAssembly.Module(readFileSync(new URL("./build/kernels.wasm", import.meta.url)));
    const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
    return { memory, kernels: new WebAssembly.Instance(compiled, { env: { memory } }).exports as Kernels };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError(
      "this process may not have the 10 GiB of addresses that each memory of WebAssembly sets aside; raise ulimit -v, or take fewer threads",
    );
  }
}

/**
 * A machine with a memory of its own.
 * @throws RangeError where the process may not have the addresses for it.
 */
export function machine(): Machine {
  const { memory, kernels } = instance();
  const buffers = new WeakSet<object>(); // each growth makes a new one of the same memory
  let used = ALIGNMENT;
  let touched = used;
  /** Address of so many new bytes. */
  const laid = (bytes: number): number => {
    const at = used;
    const end = at + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const pages = Math.ceil(end / PAGE);
    if (pages > MOST_PAGES) {
      const gigabytes = (pages * PAGE) / 2 ** 30;
      throw new RangeError(`${gigabytes.toFixed(1)} GiB are needed at once, WebAssembly has 4; take fewer weights or images`);
    }
    const missing = pages - memory.buffer.byteLength / PAGE;
    if (missing > 0) {
      try {
        memory.grow(missing);
      } catch {
        throw new RangeError(
          `${missing * PAGE} bytes more are not to be had; take fewer threads, weights or images, or a machine with more memory`,
        );
      }
    }
    if (at < touched) new Uint8Array(memory.buffer, at, Math.min(end, touched) - at).fill(0);
    used = end;
    touched = Math.max(touched, end);
    buffers.add(memory.buffer);
    return at;
  };
  return {
    kernels,
    // The address first: the memory may grow by it.
    floats(length) {
      const at = laid(8 * length);
      return new Float64Array(memory.buffer, at, length);
    },
    integers(length) {
      const at = laid(4 * length);
      return new Uint32Array(memory.buffer, at, length);
    },
    holds: (array) => buffers.has(array.buffer),
    mark: () => used,
    release: (mark) => {
      used = mark;
    },
  };
}
