/**
 * A structure: which atoms, where, in which cell. A plain, read-only record of typed arrays, so that it can be
 * hashed, posted to a worker and stored without ceremony; functions that change one return a new record.
 */
import { inverse, latticeOf } from "../linalg/cell.ts";
import { numberOf, symbolOf } from "./elements.ts";

/** Which of the three lattice directions repeat. */
export type Pbc = readonly [boolean, boolean, boolean];

/** Where adsorbates go on a slab: what its builder knows about the surface. */
export interface Sites {
  /** Surface unit cell, two rows of x and y, [4] Å. */
  readonly cell: Float64Array;
  /** Site name to its place in that cell, as fractions. */
  readonly named: Readonly<Record<string, readonly [number, number]>>;
  /** Index of the atom that heights are counted from, once an adsorbate has been added; before: the highest atom. */
  readonly top?: number;
}

/** Atoms in a cell. N is the number of atoms. */
export interface Structure {
  /** Atomic numbers, [N]. */
  readonly numbers: Uint8Array;
  /** Cartesian positions, [3N] Å. */
  readonly positions: Float64Array;
  /** Lattice vectors as rows, [9] Å; a row of zeros where there is none. */
  readonly cell: Float64Array;
  readonly pbc: Pbc;
  /** 1 for an atom that does not move, [N]; absent when all move. */
  readonly fixed?: Uint8Array;
  /** Layer of a slab counted from the top, 0 for adsorbates (ASE's tags), [N]. */
  readonly tags?: Int32Array;
  /** Adsorption sites of a slab. */
  readonly sites?: Sites;
  /** Total charge, e. Absent: not said, 0 for those who need it. */
  readonly charge?: number;
  /** Spin multiplicity 2S + 1. Absent: not said. */
  readonly multiplicity?: number;
}

/** What `structure()` takes: symbols or atomic numbers, and rows or flat arrays. */
export interface StructureInput {
  /** Chemical symbols or atomic numbers, one an atom. */
  readonly symbols: readonly string[] | ArrayLike<number>;
  /** [N][3] or flat [3N], Å. */
  readonly positions: readonly (readonly number[])[] | ArrayLike<number>;
  /** [3][3] rows, flat [9], or three edge lengths, Å. Default: none. */
  readonly cell?: readonly (readonly number[])[] | ArrayLike<number>;
  /** One flag for all or three. Default: false. */
  readonly pbc?: boolean | Pbc;
  /** Indices of atoms that do not move, or a mask [N] of booleans. */
  readonly fixed?: readonly number[] | readonly boolean[];
  readonly tags?: ArrayLike<number>;
}

/**
 * Builds a structure and checks it.
 * @throws RangeError if lengths disagree, an element is unknown, a coordinate is not finite, or a periodic direction has no lattice vector.
 */
export function structure(input: StructureInput): Structure {
  const given = Array.from<string | number>(input.symbols as ArrayLike<string | number>);
  const numbers = Uint8Array.from(given, (s) => (typeof s === "string" ? numberOf(s) : numberOf(symbolOf(s))));
  const positions = flat(input.positions);
  if (positions.length !== 3 * numbers.length)
    throw new RangeError(`${positions.length} coordinates were given for ${numbers.length} atoms; give three an atom`);
  const bad = positions.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    throw new RangeError(`coordinate ${bad % 3} of atom ${Math.floor(bad / 3)} is ${positions[bad]}; positions are finite numbers in Å`);
  const cell = cellOf(input.cell);
  const pbc: Pbc = typeof input.pbc === "boolean" ? [input.pbc, input.pbc, input.pbc] : (input.pbc ?? [false, false, false]);
  inverse(latticeOf(cell, pbc)); // throws if lattice vectors are missing or dependent
  if (input.tags && input.tags.length !== numbers.length)
    throw new RangeError(`${input.tags.length} tags were given for ${numbers.length} atoms; give one an atom`);
  return {
    numbers,
    positions,
    cell,
    pbc,
    ...(input.fixed && { fixed: maskOf(input.fixed, numbers.length) }),
    ...(input.tags && { tags: Int32Array.from(input.tags) }),
  };
}

/** Number of atoms. */
export function size(s: Structure): number {
  return s.numbers.length;
}

/** Chemical symbols, one an atom. */
export function symbols(s: Pick<Structure, "numbers">): string[] {
  return Array.from(s.numbers, symbolOf);
}

/** The same structure with other positions ([3N] Å), which are not copied. */
export function withPositions(s: Structure, positions: Float64Array): Structure {
  return { ...s, positions };
}

/** The atoms of `indices`, in that order, with cell and pbc kept; charge and spin belong to the whole and are not. */
export function subset(s: Structure, indices: ArrayLike<number>): Structure {
  const list = Array.from(indices);
  return {
    numbers: Uint8Array.from(list, (i) => s.numbers[i]),
    positions: Float64Array.from({ length: 3 * list.length }, (_, k) => s.positions[3 * list[Math.floor(k / 3)] + (k % 3)]),
    cell: s.cell,
    pbc: s.pbc,
    ...(s.fixed && { fixed: Uint8Array.from(list, (i) => (s.fixed as Uint8Array)[i]) }),
    ...(s.tags && { tags: Int32Array.from(list, (i) => (s.tags as Int32Array)[i]) }),
  };
}

/**
 * The atoms of one or more structures, one after the other, in the cell and with the sites of the first; unless said, free and tag 0.
 * Charge and spin of the whole are not said.
 */
export function joined(parts: readonly Structure[]): Structure {
  const { charge: _charge, multiplicity: _multiplicity, ...first } = parts[0];
  return {
    ...first,
    numbers: Uint8Array.from(parts.flatMap((s) => [...s.numbers])),
    positions: Float64Array.from(parts.flatMap((s) => [...s.positions])),
    ...(parts.some((s) => s.fixed) && { fixed: Uint8Array.from(parts.flatMap((s) => [...(s.fixed ?? new Uint8Array(size(s)))])) }),
    ...(parts.some((s) => s.tags) && { tags: Int32Array.from(parts.flatMap((s) => [...(s.tags ?? new Int32Array(size(s)))])) }),
  };
}

/** Chemical formula in Hill order without carbon: alphabetical, `Cu144N`; with carbon: C, H, then alphabetical. */
export function formula(s: Pick<Structure, "numbers">): string {
  const count = new Map<string, number>();
  for (const symbol of symbols(s)) count.set(symbol, (count.get(symbol) ?? 0) + 1);
  const rank = (e: string): string => (count.has("C") && (e === "C" || e === "H") ? ` ${e}` : e);
  return [...count.keys()]
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map((e) => `${e}${count.get(e) === 1 ? "" : count.get(e)}`)
    .join("");
}

function flat(rows: readonly (readonly number[])[] | ArrayLike<number>): Float64Array {
  return typeof rows[0] === "number" || rows.length === 0
    ? Float64Array.from(rows as ArrayLike<number>)
    : Float64Array.from((rows as readonly (readonly number[])[]).flat());
}

function cellOf(cell: StructureInput["cell"]): Float64Array {
  if (cell === undefined) return new Float64Array(9);
  const values = flat(cell);
  if (!values.every(Number.isFinite)) throw new RangeError(`the cell is ${values.join(" ")}; its components are finite numbers in Å`);
  if (values.length === 3) return Float64Array.of(values[0], 0, 0, 0, values[1], 0, 0, 0, values[2]);
  if (values.length !== 9) throw new RangeError(`a cell has 3 edge lengths or 9 components, not ${values.length}`);
  return values;
}

function maskOf(fixed: readonly number[] | readonly boolean[], n: number): Uint8Array {
  const mask = new Uint8Array(n);
  if (typeof fixed[0] === "boolean") {
    if (fixed.length !== n) throw new RangeError(`the fixed mask has ${fixed.length} entries for ${n} atoms; give one an atom`);
    fixed.forEach((f, i) => {
      mask[i] = f ? 1 : 0;
    });
  } else {
    for (const i of fixed as readonly number[]) {
      if (!Number.isInteger(i) || i < 0 || i >= n) throw new RangeError(`fixed atom ${i} is outside 0..${n - 1}`);
      mask[i] = 1;
    }
  }
  return mask;
}
