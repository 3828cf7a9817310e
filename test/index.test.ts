import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TYPES = join(ROOT, "node_modules", "@types");

/** What somebody's first program might be: a hybrid of two surfaces, relaxed. */
const EXAMPLE = `
import { addAdsorbate, type Calculator, carve, emtCalculator, fcc100, relax, select, subtractive, within } from "qmml";

const slab = addAdsorbate(fcc100("Cu", { size: [2, 2, 3], vacuum: 6, fixedLayers: 1 }), "N", { site: "hollow", height: 1.2 });
const [qm, mm]: Calculator[] = [emtCalculator(), emtCalculator({ asapCutoff: true })];
const hybrid = subtractive(mm, qm, carve(slab, select(slab, within(2.2, "N")), { buffer: 3 }));
const energies: number[] = [];
let converged: boolean = false;
for await (const step of relax(slab, hybrid, { fmax: 0.05 })) {
  energies.push(step.energy);
  converged = step.converged;
}
// @ts-expect-error: were the types lost, this would pass
const wrong = (): unknown => fcc100("Cu", { size: "large" });
console.log(JSON.stringify({ converged, downhill: energies[energies.length - 1] < energies[0], steps: energies.length }));
`;

/** A folder that has nothing to do with this one but that qmml is installed there, its name with a space. */
function elsewhere(): string {
  const at = mkdtempSync(join(tmpdir(), "qmml user "));
  after(() => rmSync(at, { recursive: true, force: true }));
  mkdirSync(join(at, "node_modules"));
  symlinkSync(ROOT, join(at, "node_modules", "qmml"));
  writeFileSync(join(at, "package.json"), '{"type": "module"}');
  writeFileSync(join(at, "example.ts"), EXAMPLE);
  return at;
}

describe("the built package, imported by its name from another folder", () => {
  const at = elsewhere();
  const node = (...words: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, words, { cwd: at, encoding: "utf8" });

  it("runs a first program and says nothing else", () => {
    const { status, stdout, stderr } = node("--experimental-strip-types", "--disable-warning=ExperimentalWarning", "example.ts");
    assert.deepEqual([status, stderr], [0, ""]);
    const { converged, downhill, steps } = JSON.parse(stdout) as { converged: boolean; downhill: boolean; steps: number };
    assert.ok(converged && downhill && steps > 3, stdout);
  });

  it("finds its threads in the build", () => {
    const script = `
      import { bulk, defaultDescriptors, drawModel, emtCalculator, fingerprints, rangeOf, rattle, trainer } from "qmml";
      const structure = rattle(bulk("Cu", { cubic: true }), { stdev: 0.1, seed: 1 });
      const architecture = { descriptors: defaultDescriptors([29], 4), hidden: [2] };
      const described = fingerprints(structure, architecture.descriptors);
      const image = { fingerprints: described, ...(await emtCalculator().calculate(structure, ["energy", "forces"])) };
      const model = drawModel(architecture, rangeOf([described], architecture.descriptors), 1, 0);
      const options = { tolerance: { energy: 1, force: 10 } };
      console.log((await trainer(1).train(architecture, model, [image], options)).converged);`;
    const { status, stdout, stderr } = node("--input-type=module", "-e", script);
    assert.deepEqual([status, stdout, stderr], [0, "true\n", ""]);
  });

  it("brings its types", () => {
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const flags = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--types", "node", "--typeRoots", TYPES];
    const { status, stdout } = node(tsc, ...flags, "example.ts");
    assert.deepEqual([status, stdout], [0, ""]);
  });

  it("shows what its table of contents names and nothing behind it", () => {
    const script = (path: string): string =>
      `await import("${path}").then((m) => console.log(Object.keys(m).join(" ")), (e) => console.log(e.code))`;
    assert.match(node("--input-type=module", "-e", script("qmml")).stdout, /\bcheckCalculator\b.*\bcommitteeCalculator\b.*\breadFrames\b/);
    assert.equal(node("--input-type=module", "-e", script("qmml/dist/units.js")).stdout, "ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  });
});
