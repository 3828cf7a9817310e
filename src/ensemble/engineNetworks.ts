/** Models as the engine's kernels take them: in a machine, network after network, the scaling of the inputs folded into the weights. */
import type { Machine } from "../engine/wasm/machine.ts";
import { type Architecture, layersOf, type Model } from "./model.ts";
import { weightCount } from "./network.ts";

/** The networks of an architecture in a machine. */
export interface EngineNetworks {
  /** Address of the layers, as `assembly/network.ts` has them. */
  readonly net: number;
  /** Numbers of one network. */
  readonly size: number;
  /** Lays models at an address, [models][elements][size]. */
  lay(models: readonly Model[], to: number): void;
}

/** Lays what the models of an architecture have in common. */
export function engineNetworks({ kernels, floats, integers }: Machine, architecture: Architecture): EngineNetworks {
  const layers = layersOf(architecture);
  const elements = architecture.descriptors.elements.length;
  const block = weightCount(layers);
  const inputs = elements * layers[0];
  const table = integers(layers.length + 1);
  table.set([layers.length - 1, ...layers]);
  const net = table.byteOffset;
  const size = kernels.preparedSize(net);
  const [weights, range] = [floats(elements * block), floats(2 * inputs)];
  return {
    net,
    size,
    lay(models, to) {
      models.forEach((model, m) => {
        weights.set(model.weights);
        range.set(model.low);
        range.set(model.high, inputs);
        for (let kind = 0; kind < elements; kind++) {
          const low = range.byteOffset + 8 * kind * layers[0];
          kernels.prepare(net, weights.byteOffset + 8 * kind * block, low, low + 8 * inputs, to + 8 * (m * elements + kind) * size);
        }
      });
    },
  };
}
