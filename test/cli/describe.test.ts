import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fingerprints } from "../../src/descriptors/fingerprints.ts";
import { rangeOf } from "../../src/descriptors/scaling.ts";
import { defaultDescriptors } from "../../src/descriptors/settings.ts";
import { drawModel } from "../../src/ensemble/model.ts";
import { formatModel } from "../../src/ensemble/modelFile.ts";
import { formatExtxyz } from "../../src/io/extxyz.ts";
import { structure } from "../../src/structure/structure.ts";
import { folder, qmml } from "./qmml.ts";

const at = folder();
const [input, model, foreign] = ["two.xyz", "model.json", "foreign.xyz"].map((name) => join(at, name));
/** Bent, of two elements, with N not first: neither order nor element can be mixed up unseen. */
const frames = [
  structure({
    symbols: ["Cu", "N", "Cu"],
    positions: [
      [0, 0, 0],
      [1.9, 0.2, 0],
      [2.4, 2.1, 0.3],
    ],
  }),
  structure({
    symbols: ["N", "Cu", "Cu", "Cu"],
    positions: [
      [0.1, 0, 0],
      [1.8, 0, 0.2],
      [0, 2.2, 0],
      [-1.1, -1.2, 1.3],
    ],
  }),
];
writeFileSync(input, formatExtxyz(frames.map((s) => ({ structure: s }))));
writeFileSync(foreign, formatExtxyz([{ structure: structure({ symbols: ["Au"], positions: [[0, 0, 0]] }) }]));
const descriptors = defaultDescriptors([7, 29], 4);
const images = frames.map((s) => fingerprints(s, descriptors));
const scaling = rangeOf(images, descriptors);
const architecture = { descriptors, hidden: [3] };
const origin = { qmml: "0.0.0", seed: 5, method: "bfgs", tolerance: { energy: 1, force: 1 }, images: 2, converged: [true] };
writeFileSync(model, formatModel({ architecture, models: [drawModel(architecture, scaling, 5, 0)], origin }));

interface Answer {
  readonly frames: { atoms: { element: string; raw: number[]; scaled: number[] }[] }[];
}

describe("qmml describe", () => {
  it("gives each atom's fingerprint, raw as calculated and scaled to the model's range, in the order of the input", async () => {
    const { status, stdout, stderr } = await qmml(["describe", "--model", model, input, "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    const answer = JSON.parse(stdout) as Answer;
    assert.deepEqual(
      answer.frames.map(({ atoms }) => atoms.map((a) => a.element)),
      [
        ["Cu", "N", "Cu"],
        ["N", "Cu", "Cu", "Cu"],
      ],
    );
    for (const [k, { size, values }] of images.entries()) {
      for (const [i, { element, raw, scaled }] of answer.frames[k].atoms.entries()) {
        assert.deepEqual(raw, [...values.subarray(i * size, (i + 1) * size)]);
        const own = element === "N" ? 0 : size;
        for (let d = 0; d < size; d++) {
          const [low, high] = [scaling.low[own + d], scaling.high[own + d]];
          const expected = high > low ? -1 + (2 * (raw[d] - low)) / (high - low) : 0;
          // Another way round to the same number between -1 and 1.
          assert.ok(Math.abs(scaled[d] - expected) < 1e-12);
        }
      }
    }
  });

  it("-o OUT.json holds the same object", async () => {
    const out = join(at, "out.json");
    const { status, stdout } = await qmml(["describe", input, "-o", out, "--model", model]);
    assert.equal(status, 0);
    assert.match(stdout, /^2 frames, 28 numbers an atom, written to .*out\.json\n$/);
    const printed = await qmml(["describe", input, "--json", "--model", model]);
    assert.deepEqual(JSON.parse(readFileSync(out, "utf8")), JSON.parse(printed.stdout));
  });

  it("an element that the model does not know: one sentence", async () => {
    const { status, stdout, stderr } = await qmml(["describe", foreign, "--json", "--model", model]);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^qmml describe: the descriptors know N, Cu but not Au; .*\n$/);
  });

  it("neither -o nor --json, or no model: wrong usage", async () => {
    for (const words of [["--model", model], ["--json"]]) {
      const { status, stderr } = await qmml(["describe", input, ...words]);
      assert.equal(status, 2);
      assert.match(stderr, /^qmml describe: (give -o OUT\.json|--model: give a trained model).*; usage: qmml describe /);
    }
  });
});
