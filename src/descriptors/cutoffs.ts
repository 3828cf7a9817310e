/**
 * Cutoff functions: 1 at r = 0, 0 with zero slope at r = Rc.
 *   cosine      fc = (cos(π x) + 1)/2                     Behler, J. Chem. Phys. 134, 074106 (2011)
 *   polynomial  fc = 1 + γ x^(γ+1) - (γ+1) x^γ            Khorshidi and Peterson, Comput. Phys. Commun. 207, 310 (2016)
 * with x = r/Rc. Both are 0 beyond Rc; callers leave such pairs out.
 */

/** `cosine`, or the exponent γ (at least 2) of the polynomial. */
export type CutoffFunction = "cosine" | { readonly polynomial: number };

/** fc at r < rc, both in Å. */
export function cutoff(kind: CutoffFunction, r: number, rc: number): number {
  const x = r / rc;
  if (kind === "cosine") return 0.5 * (Math.cos(Math.PI * x) + 1);
  const g = kind.polynomial;
  return 1 + g * x ** (g + 1) - (g + 1) * x ** g;
}

/** dfc/dr at r < rc, 1/Å. */
export function cutoffSlope(kind: CutoffFunction, r: number, rc: number): number {
  const x = r / rc;
  if (kind === "cosine") return (-0.5 * Math.PI * Math.sin(Math.PI * x)) / rc;
  const g = kind.polynomial;
  return (g * (g + 1) * (x ** g - x ** (g - 1))) / rc;
}
