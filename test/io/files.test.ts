import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { formatJson, readFrames, writeFrames } from "../../src/io/files.ts";
import { structure } from "../../src/structure/structure.ts";
import { written } from "./written.ts";

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "qmml io "));
});
after(() => rm(folder, { recursive: true }));

test("frames go through a file", async () => {
  const path = join(folder, "frames.extxyz");
  await writeFrames(path, written);
  const frames = await readFrames(path);
  assert.deepStrictEqual(frames[0], written[0]);
  assert.deepStrictEqual(frames[1].structure, written[1].structure);
});

test("results go into JSON with rows for vectors", async () => {
  const path = join(folder, "results.json");
  await writeFrames(path, written);
  const { frames } = JSON.parse(await readFile(path, "utf8"));
  assert.deepEqual(frames[0].forces, [
    [0.1, 0.2, 0.3],
    [-0.4, 0.5, 1e-17],
  ]);
  assert.deepEqual(frames[0].stress, [1, 2, 3, 4, 5, 6.5]);
  assert.equal(frames[0].energy, -1.1);
  assert.deepEqual(frames[0].charges, [0.25, -0.25]);
  assert.deepEqual(frames[1], {});
});

test("files that are not there, empty, broken or of another kind are named", async () => {
  await assert.rejects(readFrames(join(folder, "none.xyz")), /there is no file .*none\.xyz$/);
  await assert.rejects(readFrames(join(folder, "a.cif")), /a\.cif is no kind of file that can be read; give \.xyz or \.extxyz/);
  await assert.rejects(writeFrames(join(folder, "a.cif"), []), /a\.cif is no kind of file that can be written/);
  await writeFile(join(folder, "empty.xyz"), "\n");
  await assert.rejects(readFrames(join(folder, "empty.xyz")), /empty\.xyz holds no atoms/);
  await writeFile(join(folder, "broken.xyz"), "1\n\nCu 0 0\n");
  await assert.rejects(readFrames(join(folder, "broken.xyz")), /broken\.xyz, line 3: 4 columns are needed, 3 are there/);
  const bad = { structure: structure({ symbols: [], positions: [] }), result: { energy: Number.NaN } };
  assert.throws(() => formatJson([bad]), /a result contains NaN \(energy\)/);
});
