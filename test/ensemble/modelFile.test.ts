import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { type Architecture, layersOf, type Model } from "../../src/ensemble/model.ts";
import { formatModel, type ModelFile, parseModel } from "../../src/ensemble/modelFile.ts";
import { weightCount } from "../../src/ensemble/network.ts";
import { fc } from "../properties.ts";

const architecture: Architecture = {
  descriptors: {
    ...defaultDescriptors([29, 7], 4.1),
    cutoffFunction: { polynomial: 5 },
    g5: [{ eta: 0.1, zeta: 2, gamma: -1 }],
  },
  hidden: [3, 2],
};
const [inputs] = layersOf(architecture);
const sizes = { low: 2 * inputs, high: 2 * inputs, offsets: 2, weights: 2 * weightCount(layersOf(architecture)) };
const origin: ModelFile["origin"] = {
  qmml: "1.2.3",
  seed: 2 ** 53 - 1,
  method: "kalman",
  engine: "tensorflow 4.22.0 (TensorFlow 2.15.1, CPU)",
  tolerance: { energy: 0.001, force: 0.05 },
  images: 17,
  converged: [true, false],
};

/** JSON has one zero. */
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const numbers = (length: number): fc.Arbitrary<Float64Array> =>
  fc.array(finite, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));
const member: fc.Arbitrary<Model> = fc.record(
  {
    low: numbers(sizes.low),
    high: numbers(sizes.high),
    offsets: numbers(sizes.offsets),
    weights: numbers(sizes.weights),
  },
  { noNullPrototype: true },
);

const [model, other] = fc.sample(member, { numRuns: 2, seed: 1 });
const written = JSON.parse(formatModel({ architecture, models: [model, other], origin })) as Record<string, unknown> & {
  descriptors: Record<string, unknown>;
  members: Record<keyof Model, unknown[]>[];
};

describe("a model file", () => {
  it("gives back every number to the bit", () => {
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 2 }), (models) => {
        const file = { architecture, models, origin };
        assert.deepEqual(parseModel(formatModel(file)), file);
      }),
      { numRuns: 30 },
    );
  });

  it("of an older version does not say which engine trained", () => {
    const { engine: _, ...older } = origin;
    assert.deepEqual(parseModel(formatModel({ architecture, models: [model], origin: older })).origin, older);
  });

  it("names elements by their symbols", () => {
    assert.deepEqual(written.descriptors.elements, ["N", "Cu"]);
  });

  it("is not written with a number that is none", () => {
    const weights = model.weights.slice();
    weights[3] = Number.NaN;
    assert.throws(() => formatModel({ architecture, models: [model, { ...model, weights }], origin }), {
      name: "RangeError",
      message: "member 1 has weights[3] = NaN, which no file can hold; train it again",
    });
  });

  const first = written.members[0];
  const changed = (change: Partial<Record<keyof Model, unknown>>): string =>
    JSON.stringify({ ...written, members: [{ ...first, ...change }] });
  const wrong: [string, string, RegExp][] = [
    ["no JSON", "low = 3", /^it is not JSON \(.*\); give a file that qmml train wrote$/],
    ["NaN in the text", JSON.stringify(written).replace(/"weights":\[[^,]+/, '"weights":[NaN'), /^it is not JSON/],
    ["JSON that is no object", "[1, 2]", /^its format is not named, not "qmml-model"; give a file that qmml train wrote$/],
    ["another format", '{"format": "amp"}', /^its format is "amp", not "qmml-model"; /],
    [
      "a newer version",
      JSON.stringify({ ...written, version: 2 }),
      /^its version is 2, and this qmml reads up to 1; install a newer qmml$/,
    ],
    ["no version", JSON.stringify({ ...written, version: undefined }), /^its version is wrong: /],
    ["a part missing", JSON.stringify({ ...written, hidden: undefined }), /^its hidden is wrong: .*; train the model again$/],
    ["null among numbers", changed({ weights: first.weights.with(3, null) }), /^its members\[0\]\.weights\[3\] is wrong: .*null/],
    ["an infinite number", changed({ offsets: [0, "#"] }).replace('"#"', "1e999"), /^its members\[0\]\.offsets\[1\] is wrong: /],
    ["weights too few", changed({ weights: first.weights.slice(1) }), /^its members\[0\]\.weights has \d+ numbers where .* ask for \d+; /],
    ["a range too long", changed({ high: [...first.high, 1] }), /^its members\[0\]\.high has \d+ numbers where .* ask for \d+; /],
    ["no members", JSON.stringify({ ...written, members: [] }), /^its members is wrong: /],
    [
      "an unknown element",
      JSON.stringify({ ...written, descriptors: { ...written.descriptors, elements: ["N", "Xx"] } }),
      /^its descriptors\.elements\[1\] is wrong: .*Xx/,
    ],
  ];
  for (const [what, text, message] of wrong) {
    it(`${what}: one sentence`, () => {
      assert.throws(
        () => parseModel(text),
        (error: Error) => error instanceof RangeError && message.test(error.message) && !error.message.includes("\n"),
      );
    });
  }
});
