/**
 * Crystal structures of the elements near room temperature with their experimental lattice constants, as Ashcroft and Mermin,
 * Solid State Physics (1976), list them and ASE has them; a first guess for builders, no more precise than 0.01 Å.
 */
import { numberOf } from "./elements.ts";

/** Crystal structures that `bulk` knows. */
export type Crystal = "fcc" | "bcc" | "sc" | "diamond" | "hcp";

/** An element's crystal. */
export interface ReferenceState {
  readonly crystal: Crystal;
  /** Lattice constant, Å. */
  readonly a: number;
  /** c/a of hcp. */
  readonly covera?: number;
}

// Symbol, a and for hcp c/a.
const TABLE: Readonly<Record<Crystal, string>> = {
  fcc:
    "Ne 4.43 Al 4.05 Ar 5.26 Ca 5.58 Ni 3.52 Cu 3.61 Kr 5.72 Sr 6.08 Rh 3.80 Pd 3.89 Ag 4.09 Xe 6.20 Ce 5.16 Yb 5.49 Ir 3.84 Pt 3.92 " +
    "Au 4.08 Pb 4.95 Ac 5.31 Th 5.08",
  bcc: "Li 3.49 Na 4.23 K 5.23 V 3.02 Cr 2.88 Fe 2.87 Rb 5.59 Nb 3.30 Mo 3.15 Cs 6.05 Ba 5.02 Eu 4.61 Ta 3.31 W 3.16",
  sc: "Po 3.35",
  diamond: "C 3.57 Si 5.43 Ge 5.66",
  hcp:
    "Be 2.29 1.567 Mg 3.21 1.624 Sc 3.31 1.594 Ti 2.95 1.588 Co 2.51 1.622 Zn 2.66 1.856 Y 3.65 1.571 Zr 3.23 1.593 Tc 2.74 1.604 " +
    "Ru 2.70 1.584 Cd 2.98 1.886 La 3.75 1.619 Pr 3.67 1.614 Nd 3.66 1.614 Gd 3.64 1.588 Tb 3.60 1.581 Dy 3.59 1.573 Ho 3.58 1.570 " +
    "Er 3.56 1.570 Tm 3.54 1.570 Lu 3.51 1.585 Hf 3.20 1.582 Re 2.76 1.615 Os 2.74 1.579 Tl 3.46 1.599",
};

const STATES = new Map<string, ReferenceState>();
for (const [crystal, text] of Object.entries(TABLE) as [Crystal, string][]) {
  for (const [, symbol, a, covera] of text.matchAll(/([A-Z][a-z]?) ([\d.]+)(?: ([\d.]+))?/g))
    STATES.set(symbol, { crystal, a: Number(a), ...(covera !== undefined && { covera: Number(covera) }) });
}

/**
 * Crystal and lattice constant of an element; undefined if it is none of the five structures.
 * @throws RangeError if there is no such element.
 */
export function referenceState(symbol: string): ReferenceState | undefined {
  numberOf(symbol);
  return STATES.get(symbol);
}

/**
 * The given lattice constant, or else the element's experimental one in that crystal.
 * @throws RangeError if it is not positive, or not given and not known.
 */
export function latticeConstant(symbol: string, crystal: Crystal, a?: number): number {
  const state = referenceState(symbol);
  const value = a ?? (state?.crystal === crystal ? state.a : undefined);
  if (value === undefined) throw new RangeError(`no lattice constant of ${crystal} ${symbol} is known; give a in Å`);
  if (!(value > 0 && value < Infinity)) throw new RangeError(`the lattice constant is ${value} Å; give a positive number`);
  return value;
}
