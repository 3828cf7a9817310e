/**
 * The subtractive scheme,
 *   E(S) = E_ML(S) + E_QM(Q) - E_ML(Q),
 * a calculator like any other: forces and stress are the exact derivatives of this energy. Svensson et al., J. Phys. Chem. 100, 19357 (1996)
 * (ONIOM), with a machine-learning potential as the low level: Zhang et al., J. Chem. Phys. 148, 241740 (2018).
 */
import type { Calculator, Property, Result } from "../calculators/calculator.ts";
import { determinant, VOIGT } from "../linalg/cell.ts";
import type { Structure } from "../structure/structure.ts";
import { type Cluster, cut } from "./carve.ts";

/**
 * The hybrid of two surfaces. It depends on which atoms make Q, by their indices and images: a structure that is reordered or wrapped
 * into its cell needs a cluster of its own. Stress needs three lattice vectors, and the low level to know it.
 */
export function subtractive(ml: Calculator, qm: Calculator, cluster: Cluster): Calculator {
  return {
    name: `${qm.name} in ${ml.name}`,
    properties: (["energy", "forces", "stress"] as const).filter((p) => ml.properties.includes(p)),
    async calculate(s, properties, signal) {
      const q = cut(s, cluster);
      const [withForces, withStress] = [properties.includes("forces"), properties.includes("stress")];
      const asked: readonly Property[] = withForces || withStress ? ["energy", "forces"] : ["energy"];
      const whole = await ml.calculate(s, withStress ? [...asked, "stress"] : asked, signal);
      const [inner, model] = [await qm.calculate(q, asked, signal), await ml.calculate(q, asked, signal)];
      return {
        energy: whole.energy + inner.energy - model.energy,
        ...(withForces && whole.forces && { forces: corrected(whole.forces, inner, model, cluster) }),
        ...(withStress && whole.stress && { stress: strained(whole.stress, s, q, inner, model) }),
      };
    },
  };
}

/** F_ML(S) with F_QM(Q) - F_ML(Q) added on the atoms of Q. */
function corrected(whole: Float64Array, inner: Result, model: Result, { atoms }: Cluster): Float64Array {
  const forces = whole.slice();
  atoms.forEach((i, m) => {
    for (let k = 0; k < 3; k++) forces[3 * i + k] += (inner.forces as Float64Array)[3 * m + k] - (model.forces as Float64Array)[3 * m + k];
  });
  return forces;
}

/** A strain moves the atoms of Q with the lattice: dE/dε = -Σ r ⊗ F. */
function strained(whole: Float64Array, s: Structure, q: Structure, inner: Result, model: Result): Float64Array {
  const stress = whole.slice();
  const volume = Math.abs(determinant(s.cell));
  for (let m = 0; m < q.numbers.length; m++) {
    VOIGT.forEach(([a, b], v) => {
      const force = (k: number): number => (inner.forces as Float64Array)[3 * m + k] - (model.forces as Float64Array)[3 * m + k];
      stress[v] -= (q.positions[3 * m + a] * force(b) + q.positions[3 * m + b] * force(a)) / (2 * volume);
    });
  }
  return stress;
}
