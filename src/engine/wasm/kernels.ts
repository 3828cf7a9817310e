/**
 * The dense kernels of `assembly/kernels.ts` for use by one calculation: an instance with a memory of its own, sized once, and arrays in it.
 * `linalg/dense.ts` says the same in plain TypeScript and is their oracle. Sums are taken in another order there: results agree to rounding,
 * not to the bit.
 */
import { readFileSync } from "node:fs";

/** Kernels over arrays that their own `array` gave. Matrices by rows, [rows][columns]. */
export interface Kernels {
  /** Zeros in the kernels' memory; @throws RangeError beyond what was asked for. */
  array(length: number): Float64Array;
  /** c += JᵀJ, lower triangle of [n][n], for J [m][n]. Columns come in blocks; a row that is zero in a block is passed over there. */
  addGram(j: Float64Array, m: number, n: number, block: number, c: Float64Array): void;
  /** c += JJᵀ, lower triangle of [m][m], for J [m][n], likewise by fours of rows. */
  addRowGram(j: Float64Array, m: number, n: number, block: number, c: Float64Array): void;
  /** Replaces the lower triangle of a symmetric A, [n][n], by its Cholesky factor L (A = L Lᵀ); false if A is not positive definite. */
  cholesky(a: Float64Array, n: number): boolean;
  /** Solves L Lᵀ x = b in place, with L from `cholesky`. */
  solve(l: Float64Array, n: number, b: Float64Array): void;
  /** out = J x for J [m][n]. */
  multiply(j: Float64Array, m: number, n: number, x: Float64Array, out: Float64Array): void;
  /** out += Jᵀ y for J [m][n]. */
  addTransposed(j: Float64Array, m: number, n: number, y: Float64Array, out: Float64Array): void;
}

/** What is used of the platform's WebAssembly, which TypeScript knows only together with all of a browser. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/** What the compiled module exports; addresses in bytes. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  workSize(lanes: number, depth: number): number;
  addGram(j: number, m: number, n: number, block: number, c: number, work: number): void;
  addRowGram(j: number, m: number, n: number, block: number, c: number, work: number): void;
  cholesky(a: number, n: number, work: number): number;
  solveLower(l: number, n: number, b: number): void;
  solveUpper(l: number, n: number, b: number): void;
  multiply(j: number, m: number, n: number, x: number, out: number): void;
  addTransposed(j: number, m: number, n: number, y: number, out: number): void;
}

/** Bytes of a page of WebAssembly's memory, and the pages that its addresses reach. */
const [PAGE, MOST_PAGES] = [65536, 65536];

let compiled: object | undefined;

/**
 * Kernels with memory for arrays of `numbers` numbers together.
 * @param lanes most rows or columns of a result
 * @param depth most rows of J in a call of `addGram`
 * @throws RangeError if that is more than the 4 GiB that WebAssembly addresses
 */
export function kernels(numbers: number, lanes: number, depth: number): Kernels {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("./build/kernels.wasm", import.meta.url)));
  const wasm = new WebAssembly.Instance(compiled).exports as Exports;
  const workLength = wasm.workSize(lanes, depth);
  const pages = Math.ceil((8 * (numbers + workLength)) / PAGE);
  if (pages > MOST_PAGES) {
    const gigabytes = (pages * PAGE) / 2 ** 30;
    throw new RangeError(`${gigabytes.toFixed(1)} GiB are needed for the matrices, WebAssembly has 4; take fewer weights`);
  }
  wasm.memory.grow(pages);
  const work = 8 * numbers;
  let used = 0;
  const array = (length: number): Float64Array => {
    if (used + length > numbers) throw new RangeError(`room for ${numbers} numbers was asked for, ${used + length} are taken`);
    used += length;
    return new Float64Array(wasm.memory.buffer, 8 * (used - length), length);
  };
  return {
    array,
    addGram: (j, m, n, block, c) => wasm.addGram(j.byteOffset, m, n, block, c.byteOffset, work),
    addRowGram: (j, m, n, block, c) => wasm.addRowGram(j.byteOffset, m, n, block, c.byteOffset, work),
    cholesky: (a, n) => wasm.cholesky(a.byteOffset, n, work) !== 0,
    solve: (l, n, b) => {
      wasm.solveLower(l.byteOffset, n, b.byteOffset);
      wasm.solveUpper(l.byteOffset, n, b.byteOffset);
    },
    multiply: (j, m, n, x, out) => wasm.multiply(j.byteOffset, m, n, x.byteOffset, out.byteOffset),
    addTransposed: (j, m, n, y, out) => wasm.addTransposed(j.byteOffset, m, n, y.byteOffset, out.byteOffset),
  };
}
