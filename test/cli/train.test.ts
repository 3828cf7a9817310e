import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { descriptorsFrom } from "../../src/descriptors/settingsFile.ts";
import { type ModelFile, parseModel } from "../../src/ensemble/modelFile.ts";
import { predict } from "../../src/ensemble/predict.ts";
import { formatExtxyz } from "../../src/io/extxyz.ts";
import { readFrames } from "../../src/io/files.ts";
import { folder, qmml } from "./qmml.ts";

interface Summary {
  readonly seconds: number;
  readonly members: { energyRmse: number; forceRmse: number; evaluations: number; seconds: number; converged: boolean }[];
}
interface Answer {
  readonly frames: Record<string, number | number[] | number[][]>[];
}

const CU20 = fileURLToPath(new URL("../../bench/cu20/cu20.xyz", import.meta.url));
const at = folder();
const frames = (await readFrames(CU20)).slice(0, 4);
const data = join(at, "four frames.xyz");
writeFileSync(data, formatExtxyz(frames));
const model = join(at, "model.json");
const LOOSE = ["--models", "2", "--energy-rmse", "0.005", "--force-rmse", "0.2"];
const train = (...words: string[]): ReturnType<typeof qmml> => qmml(["train", "--data", data, ...words]);

const root = (squares: number[]): number => Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);

describe("qmml train", async () => {
  const trained = await train(...LOOSE, "-o", model, "--json", "--threads", "2");
  const { seconds, members } = JSON.parse(trained.stdout || "{}") as Summary;
  const file: ModelFile = parseModel(readFileSync(model, "utf8"));

  it("says of each member what its model in the file does", () => {
    assert.deepEqual([trained.status, trained.stderr, members.length], [0, "", 2]);
    assert.ok(members.every((m) => m.converged && m.evaluations > 0 && m.seconds > 0 && m.seconds <= seconds));
    assert.notDeepEqual(file.models[0].weights, file.models[1].weights);
    for (const [m, { energyRmse, forceRmse }] of members.entries()) {
      const off = frames.map(({ structure, result }) => {
        const { energy, forces } = predict(file.architecture, [file.models[m]], structure)[0];
        const difference = forces.map((f, k) => f - (result?.forces?.[k] as number));
        return { energy: (energy - (result?.energy as number)) / 36, force: root([...difference.map((x) => x * x)]) };
      });
      // Sums in another order: rounding of energies of some 10 eV, 1e-12 at most.
      assert.ok(Math.abs(root(off.map((o) => o.energy ** 2)) - energyRmse) < 1e-10);
      assert.ok(Math.abs(root(off.map((o) => o.force ** 2)) - forceRmse) < 1e-10);
      assert.ok(energyRmse <= 0.005 && forceRmse <= 0.2);
    }
  });

  it("writes where the models come from", () => {
    const { qmml: version, ...rest } = file.origin;
    assert.match(version, /^\d+\.\d+\.\d+$/);
    const tolerance = { energy: 0.005, force: 0.2 };
    assert.deepEqual(rest, { seed: 1, method: "bfgs", engine: "wasm", tolerance, images: 4, converged: [true, true] });
  });

  it("gives the same file on one thread, and a table with a row for each member", async () => {
    const again = join(at, "again.json");
    const { status, stdout } = await train(...LOOSE, "-o", again, "--threads", "1");
    assert.equal(status, 0);
    assert.equal(readFileSync(again, "utf8"), readFileSync(model, "utf8"));
    assert.match(stdout, /^member +evaluations .*\n +0 .* converged\n +1 .* converged\n2 models on 4 frames in .*again\.json\n$/);
  });

  it("another seed gives other models; member 0 does not depend on how many there are", async () => {
    const [alone, other] = [join(at, "alone.json"), join(at, "other.json")];
    const one = await train("--models", "1", ...LOOSE.slice(2), "-o", alone);
    const two = await train("--models", "1", ...LOOSE.slice(2), "--seed", "2", "-o", other);
    assert.deepEqual([one.status, two.status], [0, 0]);
    const [a, b] = [alone, other].map((path) => parseModel(readFileSync(path, "utf8")).models[0]);
    assert.deepEqual(a, file.models[0]);
    assert.notDeepEqual(b.weights, a.weights);
  });

  it("compute --model gives the members' mean and standard deviation, and a single model no deviation", async () => {
    const { status, stdout, stderr } = await qmml(["compute", "--model", model, data, "--json"]);
    assert.deepEqual([status, stderr], [0, ""]);
    const answer = (JSON.parse(stdout) as Answer).frames;
    for (const [k, { structure }] of frames.entries()) {
      const [a, b] = predict(file.architecture, file.models, structure);
      assert.deepEqual(Object.keys(answer[k]).sort(), ["energies", "energy", "energySigma", "forces", "forcesSigma", "stress"]);
      // `predict` is the oracle in plain TypeScript, and sums in another order.
      const near = (x: number, y: number): void => assert.ok(Math.abs(x - y) < 1e-12 * Math.max(1, Math.abs(y)), `${x} against ${y}`);
      near(answer[k].energy as number, (a.energy + b.energy) / 2);
      for (const [i, x] of (answer[k].energies as number[]).entries()) near(x, (a.energies[i] + b.energies[i]) / 2);
      for (const [i, x] of (answer[k].forces as number[][]).flat().entries()) near(x, (a.forces[i] + b.forces[i]) / 2);
      // Of two numbers it is their difference over √2; the mean in between costs a rounding of the energy.
      assert.ok(Math.abs((answer[k].energySigma as number) - Math.abs(a.energy - b.energy) / Math.SQRT2) < 1e-12);
      assert.equal((answer[k].forcesSigma as number[][]).length, 36);
      assert.equal((answer[k].stress as number[]).length, 6);
    }
    const single = await qmml(["compute", "--model", join(at, "alone.json"), data, "--json"]);
    assert.deepEqual(Object.keys((JSON.parse(single.stdout) as Answer).frames[0]).sort(), ["energies", "energy", "forces", "stress"]);
  });

  it("--descriptors takes the symmetry functions, or a file that has them under their key", async () => {
    const cu20 = fileURLToPath(new URL("../../bench/cu20/cu20.json", import.meta.url));
    const { symmetry_functions: inner } = JSON.parse(readFileSync(cu20, "utf8")) as { symmetry_functions: unknown };
    const bare = join(at, "bare.json");
    writeFileSync(bare, JSON.stringify(inner));
    const texts = [];
    for (const path of [cu20, bare]) {
      const out = join(at, "described.json");
      const { status } = await train("--models", "1", ...LOOSE.slice(2), "--descriptors", path, "-o", out);
      assert.equal(status, 0);
      texts.push(readFileSync(out, "utf8"));
    }
    assert.equal(texts[0], texts[1]);
    assert.deepEqual(parseModel(texts[0]).architecture.descriptors, descriptorsFrom(inner, [29]));
  });

  it("not converged: the model is written, status 1, one line with the remedy, and --json all the same", async () => {
    const out = join(at, "short.json");
    const { status, stdout, stderr } = await train("--models", "2", "--energy-rmse", "1e-9", "--max-evaluations", "2", "-o", out, "--json");
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^qmml train: 2 of 2 members did not reach 1e-9 eV\/atom and 0\.02 eV\/Å .*; raise --max-evaluations above 2, or .*\n$/,
    );
    assert.deepEqual(
      (JSON.parse(stdout) as Summary).members.map((m) => m.converged),
      [false, false],
    );
    assert.deepEqual(parseModel(readFileSync(out, "utf8")).origin.converged, [false, false]);
  });

  it("Ctrl-C stops within a second and leaves no file", async () => {
    const out = join(at, "never.json");
    let pressed = 0;
    const { status, stderr } = await qmml(
      [
        "train",
        "--data",
        data,
        "--energy-rmse",
        "1e-6",
        "--force-rmse",
        "1e-6",
        "--method",
        "kalman",
        "--max-evaluations",
        "1000000",
        "--models",
        "1000",
        "-o",
        out,
      ],
      (child) => {
        setTimeout(() => {
          pressed = performance.now();
          child.kill("SIGINT");
        }, 1500);
      },
    );
    assert.deepEqual([status, stderr, existsSync(out)], [130, "", false]);
    // A second is what is promised; the bound tells a stop from a hang on a machine however loaded.
    assert.ok(performance.now() - pressed < 10_000);
  });

  const unlabelled = join(at, "unlabelled.xyz");
  const bare = frames.map(({ structure, result }, k) => ({ structure, result: k === 2 ? { energy: result?.energy } : result }));
  writeFileSync(unlabelled, formatExtxyz(bare));
  const strange = join(at, "strange.json");
  writeFileSync(strange, '{"cutoff": "six"}');
  const wrong: [string, string[], number, RegExp][] = [
    ["data without forces", ["--data", unlabelled, "-o", model], 1, /frame 2 of .*unlabelled\.xyz has no forces; train on frames /],
    ["no data", ["-o", model], 2, /--data: give the frames to train on; usage: /],
    ["no such data", ["--data", join(at, "none.xyz"), "-o", model], 1, /there is no file .*none\.xyz/],
    ["no such folder", ["--data", data, "-o", join(at, "no", "m.json")], 1, /there is no folder .*; make it first/],
    [
      "descriptors of another form",
      ["--data", data, "-o", model, "--descriptors", strange],
      1,
      /strange\.json .*cutoff: .*; give JSON with cutoff/,
    ],
    ["descriptors that are no JSON", ["--data", data, "-o", model, "--descriptors", data], 1, /does not describe symmetry functions /],
    [
      "an unknown method",
      ["--data", data, "-o", model, "--method", "adam"],
      2,
      /--method "adam": give one of bfgs, kalman, levenberg-marquardt/,
    ],
    ["a tolerance of nothing", ["--data", data, "-o", model, "--force-rmse", "0"], 2, /--force-rmse "0": give a positive number of eV\/Å/],
  ];
  for (const [what, words, expected, message] of wrong) {
    it(`${what}: status ${expected}, one line`, async () => {
      const { status, stdout, stderr } = await qmml(["train", ...words, "--json"]);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout, stderr.split("\n").length], [expected, "", 2]);
    });
  }
});
