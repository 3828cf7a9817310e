/**
 * A WebAssembly memory with the engine's kernels over it. The memory is shared and grows when it is asked for more: arrays given before stay
 * what they are, and a worker thread that is handed it sees them. Arrays are laid down one after another and taken back together.
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

/** A machine with a memory of its own. */
export function machine(): Machine {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("./build/kernels.wasm", import.meta.url)));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  let used = ALIGNMENT;
  let touched = used;
  /** Address of so many new bytes. */
  const laid = (bytes: number): number => {
    const at = used;
    const end = at + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const pages = Math.ceil(end / PAGE);
    if (pages > MOST_PAGES) {
      const gigabytes = (pages * PAGE) / 2 ** 30;
      throw new RangeError(`${gigabytes.toFixed(1)} GiB are needed for a training, WebAssembly has 4; take fewer weights or images`);
    }
    const missing = pages - memory.buffer.byteLength / PAGE;
    if (missing > 0) memory.grow(missing);
    if (at < touched) new Uint8Array(memory.buffer, at, Math.min(end, touched) - at).fill(0);
    used = end;
    touched = Math.max(touched, end);
    return at;
  };
  return {
    kernels: exports as Kernels,
    // The address first: the memory may grow by it.
    floats(length) {
      const at = laid(8 * length);
      return new Float64Array(memory.buffer, at, length);
    },
    integers(length) {
      const at = laid(4 * length);
      return new Uint32Array(memory.buffer, at, length);
    },
    mark: () => used,
    release: (mark) => {
      used = mark;
    },
  };
}
