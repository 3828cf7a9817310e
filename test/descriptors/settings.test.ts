import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cutoff, cutoffSlope } from "../../src/descriptors/cutoffs.ts";
import { defaultDescriptors, fingerprintSize } from "../../src/descriptors/settings.ts";
import { descriptorsFrom } from "../../src/descriptors/settingsFile.ts";
import { derivative } from "./surroundings.ts";

describe("descriptor settings", () => {
  it("are read from a file's content, every combination of zeta and gamma", () => {
    const content = {
      cutoff: 6,
      cutoff_fn: "cosine",
      G2_eta: [0.05, 4, 20, 80],
      G4: { eta: 0.005, zeta: [1, 4], gamma: [1, -1] },
      exponents_over_Rc2: true,
    };
    const settings = descriptorsFrom(content, [29, 7, 29]);
    assert.deepEqual(settings.elements, [7, 29]);
    assert.deepEqual(
      settings.g2,
      [0.05, 4, 20, 80].map((eta) => ({ eta, rs: 0 })),
    );
    assert.deepEqual(settings.g4, [
      { eta: 0.005, zeta: 1, gamma: 1 },
      { eta: 0.005, zeta: 1, gamma: -1 },
      { eta: 0.005, zeta: 4, gamma: 1 },
      { eta: 0.005, zeta: 4, gamma: -1 },
    ]);
    assert.equal(fingerprintSize(settings), 2 * 4 + 3 * 4);
  });

  it("take exponents in 1/Å² where the file says so, and elements of its own", () => {
    const settings = descriptorsFrom(
      {
        cutoff: 5,
        cutoff_fn: { polynomial: 4 },
        G2_eta: [0.2],
        G2_rs: [0, 2],
        G5: { eta: 0.04, zeta: [2], gamma: [1] },
        exponents_over_Rc2: false,
        elements: ["O", "H"],
      },
      [29],
    );
    assert.deepEqual(settings, {
      cutoff: 5,
      cutoffFunction: { polynomial: 4 },
      elements: [1, 8],
      g2: [
        { eta: 5, rs: 0 },
        { eta: 5, rs: 2 },
      ],
      g4: [],
      g5: [{ eta: 1, zeta: 2, gamma: 1 }],
    });
  });

  it("of another form are refused, by the name of what is wrong", () => {
    assert.throws(() => descriptorsFrom({ cutoff: -1 }, [29]), /cutoff/);
    assert.throws(() => descriptorsFrom({ cutoff: 6, G4: { eta: 0.1, zeta: [1], gamma: [2] } }, [29]), /gamma/);
  });

  it("by default have radial functions within the cutoff and no fingerprint twice", () => {
    const { g2, g4, g5, cutoff: rc } = defaultDescriptors([29, 7], 4);
    assert.ok(g2.every(({ rs }) => rs >= 0 && rs < rc));
    for (const functions of [g2, g4, g5]) assert.equal(new Set(functions.map((f) => JSON.stringify(f))).size, functions.length);
  });
});

describe("cutoff functions", () => {
  for (const kind of ["cosine", { polynomial: 2 }, { polynomial: 4.5 }] as const) {
    it(`go from 1 to 0 with no slope at the ends: ${JSON.stringify(kind)}`, () => {
      const rc = 4.2;
      assert.equal(cutoff(kind, 0, rc), 1);
      // What is left of cancellation.
      for (const end of [cutoff(kind, rc, rc), cutoffSlope(kind, rc, rc), cutoffSlope(kind, 0, rc)])
        assert.ok(Math.abs(end) < 1e-15, `${end}`);
      for (const r of [0.3, 1.7, 2.9, 4.1]) {
        const slope = derivative((h) => cutoff(kind, r + h, rc));
        assert.ok(Math.abs(cutoffSlope(kind, r, rc) - slope) < 1e-10); // h⁴ and rounding over h
        assert.ok(slope < 0);
      }
    });
  }
});
