/**
 * How large a buffer must be: QM forces on the core at one geometry, from QM clusters that grow, against those from the largest of them, or
 * from QM of all atoms. Forces on links are handed on to the atoms that they hang on, as the hybrid has it.
 * It looks at QM alone. Models correct what a buffer lacks as far as they know it, so a study may do with less; a geometry far away may need more.
 */
import { setImmediate } from "node:timers/promises";
import type { Calculator } from "../calculators/calculator.ts";
import { type CarveOptions, type Cluster, carve, cut } from "../hybrid/carve.ts";
import { spread } from "../hybrid/links.ts";
import { norm } from "../linalg/elementary.ts";
import { isMetal } from "../structure/covalent.ts";
import { type Structure, size } from "../structure/structure.ts";

/** In Å, or in bonds between heavy atoms. */
export type BufferSize = CarveOptions["buffer"];

/** How to search, and how to carve. */
export interface BufferSearchOptions extends Omit<CarveOptions, "buffer"> {
  /**
   * Of those that give one and the same cluster the first in the list is taken. Default: `growingBuffers`, in Å where the structure has a metal
   * or molecules stay whole, else in bonds.
   */
  readonly buffers?: readonly BufferSize[];
  /** Largest error of the force on a core atom, eV/Å. Default 0.05. */
  readonly tolerance?: number;
  /** Compare with QM of the whole structure instead of with the largest cluster. Default false. */
  readonly full?: boolean;
  readonly signal?: AbortSignal;
  /** Hears of each calculation before and after. */
  readonly report?: (call: BufferCall) => void;
}

/** A QM calculation of the search. */
export interface BufferCall {
  /** Null for the whole structure. */
  readonly buffer: BufferSize | null;
  /** Links apart. */
  readonly atoms: number;
  readonly links: number;
  /** Of QM, wall s; null while it is under way. */
  readonly seconds: number | null;
}

/** What a buffer came to. */
export interface BufferRow {
  readonly buffer: BufferSize;
  /** Of the QM cluster, links apart. */
  readonly atoms: number;
  readonly links: number;
  /** Of QM, wall s. */
  readonly seconds: number;
  /** The length of the difference in the force on a core atom, the largest of them, eV/Å. */
  readonly coreForceError: number;
}

/** What a search came to. */
export interface BufferSearch {
  /** Growing. Without QM of the whole structure the last one is what the others are compared with. */
  readonly rows: readonly BufferRow[];
  /** Buffers that make no cluster, or one that QM gives nothing for, and why, in one sentence. */
  readonly refused: readonly { readonly buffer: BufferSize; readonly message: string }[];
  /** The smallest buffer from which on all are within the tolerance; null where none is but the one that the others are compared with. */
  readonly proposed: BufferSize | null;
  /** eV/Å. */
  readonly tolerance: number;
  /** QM of the whole structure, wall s; null where it was not asked. */
  readonly fullSeconds: number | null;
}

/** Å, and bonds. */
const [FIRST, STEP, LARGEST, MOST_BONDS] = [2, 0.5, 7, 6];

/**
 * Buffers to try: from 2 Å in steps of 0.5 Å, or from no bond on.
 * @param upTo the largest, in Å or bonds; by default 7 or 6
 */
export function growingBuffers(unit: "Å" | "bonds", upTo: number = unit === "Å" ? LARGEST : MOST_BONDS): BufferSize[] {
  if (unit === "bonds") return Array.from({ length: Math.floor(upTo) + 1 }, (_, bonds) => ({ bonds }));
  return Array.from({ length: Math.max(0, Math.floor((upTo - FIRST) / STEP + 1)) }, (_, k) => FIRST + STEP * k);
}

/** A buffer in words: `5.2 Å`, `1 bond`. */
export function bufferName(buffer: BufferSize): string {
  return typeof buffer === "number" ? `${buffer} Å` : `${buffer.bonds} ${buffer.bonds === 1 ? "bond" : "bonds"}`;
}

/**
 * Searches the smallest buffer that is large enough.
 * @param core atoms of S, ascending
 * @throws RangeError if the core has no atoms or S lacks one, the tolerance is not positive, or no buffer makes a cluster, or all the same one and
 *   there is nothing else to compare with.
 * @throws Error if QM gives nothing for the whole structure, or for any cluster.
 */
export async function bufferSearch(
  s: Structure,
  core: Uint32Array,
  calculator: Calculator,
  options: BufferSearchOptions = {},
): Promise<BufferSearch> {
  const { tolerance = 0.05, full = false, signal, report = () => {} } = options;
  if (!(tolerance > 0)) throw new RangeError(`the tolerance is ${tolerance} eV/Å; give a positive number, e.g. 0.05`);
  const { buffers = growingBuffers(options.wholeMolecules || s.numbers.some(isMetal) ? "Å" : "bonds") } = options;
  const { clusters, refused } = clustersOf(s, core, buffers, options);
  if (clusters.length === 1 && !full)
    throw new RangeError(
      `all buffers make one QM cluster, of ${clusters[0].cluster.atoms.length} atoms, so there is nothing to compare; try larger ones, or compare with full QM`,
    );

  const answered = async (what: Structure, call: Omit<BufferCall, "seconds">): Promise<{ forces: Float64Array; seconds: number }> => {
    // Engines that calculate on this thread do not hear of the signal themselves.
    await setImmediate();
    signal?.throwIfAborted();
    report({ ...call, seconds: null });
    const began = performance.now();
    const { forces, seconds = (performance.now() - began) / 1000 } = await calculator.calculate(what, ["energy", "forces"], signal);
    if (!forces?.every(Number.isFinite))
      throw new Error(`${calculator.name} gave forces that are not finite for ${size(what)} atoms; check the geometry`);
    report({ ...call, seconds });
    return { forces, seconds };
  };
  const whole = full ? await answered(s, { buffer: null, atoms: size(s), links: 0 }) : undefined;
  const found: { buffer: BufferSize; atoms: number; links: number; seconds: number; forces: Float64Array }[] = [];
  for (const { buffer, cluster } of clusters) {
    const call = { buffer, atoms: cluster.atoms.length, links: cluster.links.length };
    try {
      const { forces, seconds } = await answered(cut(s, cluster), call);
      found.push({ ...call, seconds, forces: spread(s, cluster, forces) });
    } catch (error) {
      signal?.throwIfAborted();
      refused.push({ buffer, message: (error as Error).message });
    }
  }
  const reference = (whole ?? found.at(-1))?.forces;
  if (!reference || found.length === 0) throw new Error(`QM gave nothing for any buffer: ${refused[0].message}`);
  const rows = found.map(({ forces, ...row }) => ({ ...row, coreForceError: largestDifference(core, forces, reference) }));
  // What the others are compared with proves nothing of itself.
  const judged = whole ? rows : rows.slice(0, -1);
  const last = judged.findLastIndex((row) => row.coreForceError > tolerance);
  return { rows, refused, proposed: judged[last + 1]?.buffer ?? null, tolerance, fullSeconds: whole?.seconds ?? null };
}

/** A buffer that makes no cluster, or has given nothing. */
type Refused = BufferSearch["refused"][number];

/** The clusters that buffers make, each once, growing. */
function clustersOf(
  s: Structure,
  core: Uint32Array,
  buffers: readonly BufferSize[],
  options: BufferSearchOptions,
): { clusters: { buffer: BufferSize; cluster: Cluster }[]; refused: Refused[] } {
  const refused: Refused[] = [];
  const clusters = new Map<string, { buffer: BufferSize; cluster: Cluster }>();
  for (const buffer of buffers) {
    try {
      const cluster = carve(s, core, { ...options, buffer });
      const key = String(cluster.atoms);
      if (!clusters.has(key)) clusters.set(key, { buffer, cluster });
    } catch (error) {
      refused.push({ buffer, message: (error as Error).message });
    }
  }
  if (clusters.size === 0) throw new RangeError(refused[0]?.message ?? "there are no buffers to try; give at least two");
  return { clusters: [...clusters.values()].sort((a, b) => a.cluster.atoms.length - b.cluster.atoms.length), refused };
}

function largestDifference(core: Uint32Array, a: Float64Array, b: Float64Array): number {
  const d = a.map((x, k) => x - b[k]);
  return Math.max(...Array.from(core, (i) => norm(d[3 * i], d[3 * i + 1], d[3 * i + 2])));
}
