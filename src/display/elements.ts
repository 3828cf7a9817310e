/**
 * How atoms are drawn: colours after Corey, Pauling and Koltun as most viewers have them, covalent radii of Cordero et al.,
 * Dalton Trans. 2832 (2008).
 */

interface Look {
  readonly colour: string;
  /** Of a hollow atom's outline, where the colour is too near the paper's. */
  readonly line?: string;
  /** Å. */
  readonly radius: number;
}

const LOOKS: Readonly<Record<string, Look>> = {
  H: { colour: "#f4f4f4", line: "#9a9a9a", radius: 0.31 },
  B: { colour: "#ffb5b5", radius: 0.84 },
  C: { colour: "#8c8c8c", radius: 0.76 },
  N: { colour: "#3050f8", radius: 0.71 },
  O: { colour: "#e8321e", radius: 0.66 },
  F: { colour: "#90e050", radius: 0.57 },
  Na: { colour: "#ab5cf2", radius: 1.66 },
  Mg: { colour: "#8aff00", radius: 1.41 },
  Al: { colour: "#bfa6a6", radius: 1.21 },
  Si: { colour: "#f0c8a0", radius: 1.11 },
  P: { colour: "#ff8000", radius: 1.07 },
  S: { colour: "#e6c820", radius: 1.05 },
  Cl: { colour: "#1fd01f", radius: 1.02 },
  K: { colour: "#8f40d4", radius: 2.03 },
  Ca: { colour: "#3dd900", radius: 1.76 },
  Ti: { colour: "#bfc2c7", radius: 1.6 },
  Fe: { colour: "#e06633", radius: 1.32 },
  Ni: { colour: "#50d050", radius: 1.24 },
  Cu: { colour: "#d99a5b", radius: 1.32 },
  Zn: { colour: "#7d80b0", radius: 1.22 },
  Pd: { colour: "#207f99", radius: 1.39 },
  Ag: { colour: "#c0c0c0", radius: 1.45 },
  Pt: { colour: "#b8b8d0", radius: 1.36 },
  Au: { colour: "#f2c53d", radius: 1.36 },
};

/** The look of an element; grey and of middle size where none was chosen. */
export function look(symbol: string): Look {
  return LOOKS[symbol] ?? { colour: "#a0a0a0", radius: 1.3 };
}
