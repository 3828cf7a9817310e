/**
 * Seeded random numbers: xoshiro128** (Blackman and Vigna, ACM Trans. Math. Softw. 47, 36 (2021)), its state filled by
 * SplitMix64 as its authors advise. Same seed and stream, same bits, on every machine. Not for cryptography.
 */
import { log } from "./elementary.ts";

/** A stream of random numbers; each call moves it on. */
export interface Random {
  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number;
  /** Normal with mean 0 and standard deviation 1 (Marsaglia's polar method). */
  gaussian(): number;
}

/**
 * A generator of random numbers.
 * @param seed integer, 0 to 2^53 - 1
 * @param stream integer in the same range: streams of one seed are unrelated (one for each model, say)
 * @throws RangeError if either is not such an integer.
 */
export function random(seed: number, stream = 0): Random {
  for (const [name, value] of [
    ["seed", seed],
    ["stream", stream],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is ${value}; give an integer from 0 to 2^53 - 1`);
  }
  const split = splitmix64(splitmix64(BigInt(seed))() ^ BigInt(stream));
  const [low, high] = [split(), split()];
  const bits = xoshiro128(Uint32Array.of(Number(low & MASK32), Number(low >> 32n), Number(high & MASK32), Number(high >> 32n)));
  const uniform = (): number => ((bits() >>> 5) * 2 ** 26 + (bits() >>> 6)) * 2 ** -53;
  let spare: number | undefined;
  const gaussian = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    let [x, y, square] = [0, 0, 0];
    while (square >= 1 || square === 0) {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    }
    const scale = Math.sqrt((-2 * log(square)) / square);
    spare = y * scale;
    return x * scale;
  };
  return { uniform, gaussian };
}

/** The bare generator: unsigned 32-bit integers from a state of four, which must not be all zero. */
export function xoshiro128(state: Uint32Array): () => number {
  let [a, b, c, d] = state;
  return () => {
    const scrambled = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotated(d, 11);
    return scrambled;
  };
}

const MASK32 = 0xffffffffn;

/** Unsigned 64-bit integers; used for seeding only, since BigInt is slow. */
function splitmix64(seed: bigint): () => bigint {
  let state = seed;
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  };
}

function rotated(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
