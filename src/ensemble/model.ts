/**
 * A model: one Behler-Parrinello network for each element (Behler and Parrinello, Phys. Rev. Lett. 98, 146401 (2007)),
 *   E = Σ_i [ o_element(i)(scaled G_i) + offset_element(i) ],
 * with the scaling of its fingerprints. Members of an ensemble share the architecture and differ in everything else.
 */
import { type Scaling, scaleFactors } from "../descriptors/scaling.ts";
import { type DescriptorSettings, fingerprintSize } from "../descriptors/settings.ts";
import { random } from "../linalg/random.ts";
import { type Layers, initialWeights, weightCount } from "./network.ts";

/** What the members of an ensemble have in common. */
export interface Architecture {
  readonly descriptors: DescriptorSettings;
  /** Nodes of the hidden layers. */
  readonly hidden: readonly number[];
}

/** One trained (or freshly drawn) model. E elements, D fingerprints, W weights a network. */
export interface Model extends Scaling {
  /** [E][W], elements in the descriptors' order. */
  readonly weights: Float64Array;
  /** Energy of an atom of each element before its surroundings count, [E] eV. */
  readonly offsets: Float64Array;
}

/** Inputs, hidden layers, one output. */
export function layersOf(a: Architecture): Layers {
  return [fingerprintSize(a.descriptors), ...a.hidden, 1];
}

/** A model with random weights. Member `stream` of an ensemble is the same whatever the number of members. */
export function drawModel(a: Architecture, scaling: Scaling, seed: number, stream: number): Model {
  const generator = random(seed, stream);
  const elements = a.descriptors.elements.length;
  const layers = layersOf(a);
  const count = weightCount(layers);
  const weights = new Float64Array(elements * count);
  for (let e = 0; e < elements; e++) weights.set(initialWeights(layers, generator), e * count);
  return { ...scaling, weights, offsets: new Float64Array(elements) };
}

/** All numbers of a model in one array, for the journal: low, high, offsets, weights. */
export function packModel(m: Model): Float64Array {
  return Float64Array.from([...m.low, ...m.high, ...m.offsets, ...m.weights]);
}

/** The model of a packed array. */
export function unpackModel(a: Architecture, packed: Float64Array): Model {
  const elements = a.descriptors.elements.length;
  const range = elements * fingerprintSize(a.descriptors);
  return {
    low: packed.slice(0, range),
    high: packed.slice(range, 2 * range),
    offsets: packed.slice(2 * range, 2 * range + elements),
    weights: packed.slice(2 * range + elements),
  };
}

/**
 * The model with another scaling, the same function wherever fingerprints that were never seen to change still have their one value:
 * what a newly scaled input adds there is taken off the first layer's biases. Inputs already in use must keep their range.
 */
export function rescaled(a: Architecture, m: Model, to: Scaling): Model {
  const [inputs, nodes] = layersOf(a);
  const count = weightCount(layersOf(a));
  const weights = m.weights.slice();
  const factors = scaleFactors(to);
  a.descriptors.elements.forEach((_, e) => {
    for (let k = 0; k < inputs; k++) {
      const at = e * inputs + k;
      if (m.high[at] > m.low[at]) continue;
      const input = factors[at] * (m.low[at] - (to.low[at] + to.high[at]) / 2);
      for (let o = 0; o < nodes; o++) weights[e * count + inputs * nodes + o] -= input * weights[e * count + k * nodes + o];
    }
  });
  return { ...m, ...to, weights };
}
