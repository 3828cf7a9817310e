/** Crystals of one element, with ASE's cells and atom order. */
import { times } from "../linalg/cell.ts";
import { numberOf } from "./elements.ts";
import { type Crystal, latticeConstant, referenceState } from "./reference-states.ts";
import type { Structure } from "./structure.ts";

/** Which crystal. */
export interface BulkOptions {
  /** Default: the element's own. */
  readonly crystal?: Crystal;
  /** Lattice constant, Å. Default: the element's own, where that is its crystal. */
  readonly a?: number;
  /** c/a of hcp. Default: the element's own, otherwise the ideal √(8/3). */
  readonly covera?: number;
  /** The cubic cell instead of the primitive one. Default false. */
  readonly cubic?: boolean;
}

type Row = readonly [number, number, number];

/** Cell in units of a (hcp: before c/a), and atoms as fractions of it. */
interface Basis {
  readonly cell: readonly [Row, Row, Row];
  readonly atoms: readonly Row[];
}

const CUBE: Basis["cell"] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const FCC: Basis["cell"] = [
  [0, 0.5, 0.5],
  [0.5, 0, 0.5],
  [0.5, 0.5, 0],
];

const PRIMITIVE: Readonly<Record<Crystal, Basis>> = {
  sc: { cell: CUBE, atoms: [[0, 0, 0]] },
  fcc: { cell: FCC, atoms: [[0, 0, 0]] },
  bcc: {
    cell: [
      [-0.5, 0.5, 0.5],
      [0.5, -0.5, 0.5],
      [0.5, 0.5, -0.5],
    ],
    atoms: [[0, 0, 0]],
  },
  diamond: {
    cell: FCC,
    atoms: [
      [0, 0, 0],
      [0.25, 0.25, 0.25],
    ],
  },
  hcp: {
    cell: [
      [1, 0, 0],
      [-0.5, Math.sqrt(0.75), 0],
      [0, 0, 1],
    ],
    atoms: [
      [0, 0, 0],
      [1 / 3, 2 / 3, 0.5],
    ],
  },
};

const CUBIC: Readonly<Partial<Record<Crystal, readonly Row[]>>> = {
  sc: [[0, 0, 0]],
  fcc: [
    [0, 0, 0],
    [0, 0.5, 0.5],
    [0.5, 0, 0.5],
    [0.5, 0.5, 0],
  ],
  bcc: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ],
  diamond: [
    [0, 0, 0],
    [0.25, 0.25, 0.25],
    [0, 0.5, 0.5],
    [0.25, 0.75, 0.75],
    [0.5, 0, 0.5],
    [0.75, 0.25, 0.75],
    [0.5, 0.5, 0],
    [0.75, 0.75, 0.25],
  ],
};

/**
 * A crystal, periodic in all directions, without strain.
 * @throws RangeError if the element, its crystal or its lattice constant is not known, or a cubic cell is asked of hcp.
 */
export function bulk(symbol: string, options: BulkOptions = {}): Structure {
  const own = referenceState(symbol);
  const crystal = options.crystal ?? own?.crystal;
  if (crystal === undefined || !Object.hasOwn(PRIMITIVE, crystal))
    throw new RangeError(`the crystal of ${symbol} is ${crystal ?? "not known"}; give one of ${Object.keys(PRIMITIVE).join(", ")}`);
  const a = latticeConstant(symbol, crystal, options.a);
  const cube = CUBIC[crystal];
  if (options.cubic && !cube) throw new RangeError(`${crystal} has no cubic cell; leave cubic out`);
  const { cell, atoms } = options.cubic && cube ? { cell: CUBE, atoms: cube } : PRIMITIVE[crystal];
  const covera = crystal === "hcp" ? (options.covera ?? (own?.crystal === "hcp" ? own.covera : undefined) ?? Math.sqrt(8 / 3)) : 1;
  const lattice = Float64Array.from(cell.flat(), (x, k) => a * x * (k < 6 ? 1 : covera));
  return {
    numbers: new Uint8Array(atoms.length).fill(numberOf(symbol)),
    positions: Float64Array.from(atoms.flatMap((fraction) => times(fraction, lattice))),
    cell: lattice,
    pbc: [true, true, true],
  };
}
