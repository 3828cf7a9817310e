/**
 * The subtractive scheme,
 *   E(S) = E_ML(S) + E_QM(Q) - E_ML(Q),
 * a calculator like any other: forces and stress are the exact derivatives of this energy, link atoms by the chain rule. Svensson et al.,
 * J. Phys. Chem. 100, 19357 (1996) (ONIOM), with a machine-learning potential as the low level: Zhang et al., J. Chem. Phys. 148, 241740
 * (2018).
 */
import type { Calculator, Property, Result } from "../calculators/calculator.ts";
import { determinant, VOIGT } from "../linalg/cell.ts";
import type { Structure } from "../structure/structure.ts";
import { type Cluster, cut } from "./carve.ts";
import { carriers, handedOn, spread } from "./links.ts";

/**
 * The hybrid of two surfaces; with forces it answers those of both levels on Q too. It depends on which atoms make Q, by their indices and images: a structure that is reordered or wrapped
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
        ...(withForces &&
          whole.forces && {
            forces: corrected(whole.forces, s, cluster, change(inner, model)),
            qmForces: onAtoms(s, cluster, inner),
            mlForces: onAtoms(s, cluster, model),
          }),
        ...(withStress && whole.stress && { stress: strained(whole.stress, s, cluster, change(inner, model)) }),
      };
    },
  };
}

/** F_QM(Q) - F_ML(Q). */
function change(inner: Result, model: Result): Float64Array {
  const low = model.forces as Float64Array;
  return (inner.forces as Float64Array).map((f, k) => f - low[k]);
}

/** F_ML(S) with the change on Q added. */
function corrected(whole: Float64Array, s: Structure, cluster: Cluster, onQ: Float64Array): Float64Array {
  const added = spread(s, cluster, onQ);
  return whole.map((f, k) => f + added[k]);
}

/** Forces of one level on Q as those on the atoms of S in Q, [3N], NaN outside: what links hand on to atoms outside is left out. */
function onAtoms(s: Structure, cluster: Cluster, { forces }: Result): Float64Array {
  const all = spread(s, cluster, forces as Float64Array);
  const own = new Float64Array(all.length).fill(Number.NaN);
  for (const i of cluster.atoms) own.set(all.subarray(3 * i, 3 * i + 3), 3 * i);
  return own;
}

/** A strain moves the atoms that Q hangs on with the lattice: dE/dε = -Σ r ⊗ F over their images. */
function strained(whole: Float64Array, s: Structure, cluster: Cluster, onQ: Float64Array): Float64Array {
  const { positions } = carriers(s, cluster);
  const forces = handedOn(cluster, positions, onQ);
  const volume = Math.abs(determinant(s.cell));
  return whole.map((stress, v) => {
    const [a, b] = VOIGT[v];
    let virial = 0;
    for (let m = 0; m < positions.length; m += 3) virial += positions[m + a] * forces[m + b] + positions[m + b] * forces[m + a];
    return stress - virial / (2 * volume);
  });
}
