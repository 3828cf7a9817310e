/** The periodic table as far as it is needed: symbols. */

const SYMBOLS =
  "X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og".split(
    " ",
  );
const NUMBERS = new Map(SYMBOLS.map((symbol, z) => [symbol, z]));

/**
 * Atomic number of a chemical symbol.
 * @throws RangeError if there is no such element.
 */
export function numberOf(symbol: string): number {
  const z = NUMBERS.get(symbol);
  if (z === undefined || z === 0) throw new RangeError(`"${symbol}" is not a chemical symbol; write it as in the periodic table, e.g. Cu`);
  return z;
}

/**
 * Chemical symbol of an atomic number.
 * @throws RangeError if it is not 1..118.
 */
export function symbolOf(z: number): string {
  const symbol = z > 0 ? SYMBOLS[z] : undefined;
  if (symbol === undefined) throw new RangeError(`${z} is not an atomic number; give 1..118`);
  return symbol;
}
