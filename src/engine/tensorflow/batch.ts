/**
 * Fingerprints of images and their derivatives on the device, uploaded once, with the two passes over the derivatives that training makes:
 *   forces from the networks' input gradients   F_a = -Σ_i g_i · dG_i/dr_a,   and back   t_i = -Σ_a dG_i/dr_a · y_a.
 * Atoms of all images stand together, by element. Neighbours are padded with zeros to the most that a centre has, so that each pass is one
 * product of a batch of matrices, a matrix for each centre: memory grows with the neighbours, not with the square of the atoms.
 * n atoms, of them n_e of an element; K neighbours of one element; D fingerprints, L of them live; M members.
 */
import type { Fingerprints } from "../../descriptors/fingerprints.ts";
import type { Tensor, TensorFlow } from "./tfjs.ts";

/** Neighbours of one element around the centres of one element. */
interface Neighbours {
  /** dG/dr, [n_e][3K][L]. */
  readonly slopes: Tensor;
  /** Place of the atom that moves, [n_e K]; the centre's own where there is none. */
  readonly atom: Tensor;
  /** 1 where fingerprint d is the live function l, [L][D]; absent where all are live. */
  readonly choice?: Tensor;
}

/** The atoms of one element. */
interface Centres {
  /** Place of the element in the settings' list. */
  readonly kind: number;
  /** They are the atoms `first .. first + many`. */
  readonly first: number;
  readonly many: number;
  /** Fingerprints less the reference, [n_e][D]. */
  readonly values: Tensor;
  readonly neighbours: readonly Neighbours[];
}

/** Images on the device. */
export interface Batch {
  /** Elements that are there. */
  readonly centres: readonly Centres[];
  /** The images' atoms in the batch's order: [image, atom] each. */
  readonly order: readonly (readonly [number, number])[];
  /** The image of each atom, [n]. */
  readonly image: Tensor;
  dispose(): void;
}

/** Places images on the device. The reference, [E][D], is taken from the fingerprints before they are rounded to f32. */
export function batch(tf: TensorFlow, images: readonly Fingerprints[], functions: Int32Array, reference: Float64Array): Batch {
  const { size, live } = images[0];
  const elements = functions.length / live;
  const order = images.flatMap(({ kinds }, k) => Array.from(kinds, (_, i): [number, number] => [k, i]));
  const kindOf = ([k, i]: readonly [number, number]): number => images[k].kinds[i];
  order.sort((a, b) => kindOf(a) - kindOf(b));
  const place = images.map(({ kinds }) => new Int32Array(kinds.length));
  order.forEach(([k, i], p) => {
    place[k][i] = p;
  });
  const owned: Tensor[] = [];
  const keep = (values: Float32Array | Int32Array, shape: readonly number[]): Tensor => {
    const tensor = tf.tensor(values, shape, values instanceof Int32Array ? "int32" : "float32");
    owned.push(tensor);
    return tensor;
  };
  const choices = Array.from({ length: elements }, (_, z) => {
    if (live === size) return undefined;
    const choice = new Float32Array(live * size);
    for (let l = 0; l < live; l++) choice[l * size + functions[z * live + l]] = 1;
    return keep(choice, [live, size]);
  });

  const around = (atoms: readonly (readonly [number, number])[], z: number): Neighbours | undefined => {
    const range = ([k, i]: readonly [number, number]): [number, number] => {
      const { start } = images[k];
      return [start[i * elements + z], start[i * elements + z + 1]];
    };
    const most = Math.max(...atoms.map((a) => range(a)[1] - range(a)[0]));
    // An atom without neighbours needs a row of zeros all the same.
    const width = z === 0 ? Math.max(1, most) : most;
    if (width === 0) return undefined;
    const slopes = new Float32Array(atoms.length * width * 3 * live);
    const atom = new Int32Array(atoms.length * width);
    atoms.forEach((a, p) => {
      const [from, to] = range(a);
      const image = images[a[0]];
      slopes.set(image.slopes.subarray(3 * live * from, 3 * live * to), p * width * 3 * live);
      for (let e = 0; e < width; e++) atom[p * width + e] = from + e < to ? place[a[0]][image.atom[from + e]] : place[a[0]][a[1]];
    });
    return {
      slopes: keep(slopes, [atoms.length, 3 * width, live]),
      atom: keep(atom, [atoms.length * width]),
      choice: choices[z],
    };
  };

  const centres: Centres[] = [];
  for (let kind = 0; kind < elements; kind++) {
    const first = order.findIndex((a) => kindOf(a) === kind);
    if (first < 0) continue;
    const atoms = order.filter((a) => kindOf(a) === kind);
    const values = new Float32Array(atoms.length * size);
    atoms.forEach(([k, i], p) => {
      for (let d = 0; d < size; d++) values[p * size + d] = images[k].values[i * size + d] - reference[kind * size + d];
    });
    const neighbours = Array.from({ length: elements }, (_, z) => around(atoms, z)).filter((n) => n !== undefined);
    centres.push({ kind, first, many: atoms.length, values: keep(values, [atoms.length, size]), neighbours });
  }
  const image = keep(
    Int32Array.from(order, ([k]) => k),
    [order.length],
  );
  const dispose = (): void => {
    for (const tensor of owned) tensor.dispose();
  };
  return { centres, order, image, dispose };
}

/**
 * Forces, [n][3][M].
 * @param gradients dE_i/dG_i of the centres of each element, [M][n_e][D] each
 */
export function forces(tf: TensorFlow, { centres, order }: Batch, gradients: readonly Tensor[]): Tensor {
  const members = gradients[0].shape[0];
  const onCentres: Tensor[] = [];
  const moved: Tensor[] = [];
  const movers: Tensor[] = [];
  centres.forEach(({ many, neighbours }, c) => {
    const gradient = gradients[c].transpose([1, 2, 0]);
    let own: Tensor | undefined;
    for (const { slopes, atom, choice } of neighbours) {
      const pulls = slopes.matMul(choice ? choice.matMul(gradient) : gradient); // [n_e][3K][M]
      const sum = pulls.reshape([many, -1, 3, members]).sum(1);
      own = own ? own.add(sum) : sum;
      moved.push(pulls.reshape([-1, 3 * members]));
      movers.push(atom);
    }
    onCentres.push(own as Tensor);
  });
  const onMovers = tf.concat(moved, 0).unsortedSegmentSum(tf.concat(movers, 0), order.length);
  return tf.concat(onCentres, 0).sub(onMovers.reshape([order.length, 3, members]));
}

/**
 * The tangents t_i of the centres of each element, [M][n_e][D] each.
 * @param y weights of the forces, [n][3][M]
 */
export function tangents({ centres }: Batch, y: Tensor): Tensor[] {
  const [atoms, , members] = y.shape;
  const rows = y.reshape([atoms, 3 * members]);
  return centres.map(({ first, many, neighbours }) => {
    const own = y.slice([first, 0, 0], [many, 3, members]).reshape([many, 1, 3, members]);
    const parts = neighbours.map(({ slopes, atom, choice }) => {
      const difference = own.sub(rows.gather(atom).reshape([many, -1, 3, members])).reshape([many, -1, members]);
      const part = slopes.matMul(difference, true);
      return choice ? choice.matMul(part, true) : part;
    });
    return parts.reduce((sum, part) => sum.add(part)).transpose([2, 0, 1]);
  });
}
