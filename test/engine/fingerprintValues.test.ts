import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describer } from "../../src/descriptors/symmetryFunctions.ts";
import { fingerprints, fingerprintValues } from "../../src/engine/wasm/fingerprints.ts";
import { repeat } from "../../src/structure/repeat.ts";
import { structure } from "../../src/structure/structure.ts";
import { CLUSTER, CRYSTAL, SETTINGS } from "../descriptors/surroundings.ts";

describe("fingerprints without derivatives", () => {
  for (const [name, s] of Object.entries({ cluster: CLUSTER, crystal: CRYSTAL, "many blocks": repeat(CRYSTAL, [5, 5, 5]) })) {
    it(`are those with them, to the bit: ${name}`, () => {
      const { start, atom, slopes, ...rest } = fingerprints(s, SETTINGS);
      assert.deepEqual(fingerprintValues(s, SETTINGS), rest);
    });
  }

  it("are refused where plain TypeScript refuses them", () => {
    const twice = structure({ symbols: ["Cu", "Cu"], positions: [0, 0, 0, 0, 0, 0] });
    const gold = structure({ symbols: ["Au"], positions: [0, 0, 0] });
    for (const s of [twice, gold]) {
      let message = "";
      assert.throws(
        () => describer(s, SETTINGS),
        (error: Error) => {
          message = error.message;
          return true;
        },
      );
      assert.throws(() => fingerprintValues(s, SETTINGS), { name: "RangeError", message });
    }
    assert.equal(fingerprintValues(CLUSTER, SETTINGS).kinds.length, CLUSTER.numbers.length);
  });
});
