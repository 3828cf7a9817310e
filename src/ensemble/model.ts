/**
 * A model: one Behler-Parrinello network for each element (Behler and Parrinello, Phys. Rev. Lett. 98, 146401 (2007)),
 *   E = Σ_i [ o_element(i)(scaled G_i) + offset_element(i) ],
 * with the scaling of its fingerprints. Members of an ensemble share the architecture and differ in everything else.
 */
import type { Scaling } from "../descriptors/scaling.ts";
import { type DescriptorSettings, fingerprintSize } from "../descriptors/settings.ts";
import { random } from "../linalg/random.ts";
import { initialWeights, type Layers, weightCount } from "./network.ts";

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
 * The model with the scaling of fingerprints that it had never seen to change, and so did not depend on. Their weights start from zero, not
 * from random numbers: the function stays what it was everywhere, and training adds a dependence only as far as the data ask for one.
 * Inputs already in use must keep their range.
 */
export function rescaled(a: Architecture, m: Model, to: Scaling): Model {
  const [inputs, nodes] = layersOf(a);
  const count = weightCount(layersOf(a));
  const weights = m.weights.slice();
  for (let e = 0; e < a.descriptors.elements.length; e++) {
    for (let k = 0; k < inputs; k++) {
      if (m.high[e * inputs + k] > m.low[e * inputs + k]) continue;
      const row = e * count + k * nodes;
      weights.fill(0, row, row + nodes);
    }
  }
  return { ...m, ...to, weights };
}
