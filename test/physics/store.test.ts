/** A store of 10,000 images of 150 atoms: how large it is, and how long it takes to find one. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { openStore } from "../../src/qm/store.ts";
import { imageOf } from "../qm/storeImages.ts";

const [IMAGES, ATOMS] = [10_000, 150];
/** Bytes of elements, positions, cell, energy and forces. */
const RAW = IMAGES * (ATOMS + 8 * (3 * ATOMS + 9 + 1 + 3 * ATOMS));

it("finds an image within 1 ms and takes at most 1.2 times the bytes of the arrays", (t) => {
  const path = mkdtempSync(join(tmpdir(), "qmml store "));
  after(() => rmSync(path, { recursive: true, force: true }));
  const began = performance.now();
  const store = openStore(path);
  for (let k = 0; k < IMAGES; k++) store.put(imageOf(k, ATOMS));
  store.close();
  const put = (performance.now() - began) / IMAGES;
  const size = statSync(join(path, "images.sqlite")).size / RAW;

  const again = openStore(path);
  // In an order that has nothing to do with that of the file.
  const hashes = Array.from({ length: IMAGES }, (_, k) => imageOf((7919 * k) % IMAGES, 1).hash);
  const looked = performance.now();
  const found = hashes.filter((hash) => again.get(hash) !== undefined).length;
  const get = (performance.now() - looked) / IMAGES;
  const missed = performance.now();
  for (const hash of hashes) again.get(`${hash}x`);
  const miss = (performance.now() - missed) / IMAGES;
  again.close();
  t.diagnostic(`put ${put.toFixed(3)} ms, get ${get.toFixed(3)} ms, miss ${miss.toFixed(3)} ms, size ${size.toFixed(3)} of the arrays`);
  assert.equal(found, IMAGES);
  assert.ok(get < 1, `${get} ms`);
  assert.ok(miss < 1, `${miss} ms`);
  assert.ok(size < 1.2, `${size}`);
});
