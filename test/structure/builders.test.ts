import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type AdsorbateOptions, addAdsorbate } from "../../src/structure/adsorbate.ts";
import { type BulkOptions, bulk } from "../../src/structure/bulk.ts";
import { fcc100, fcc110, fcc111, type SurfaceOptions } from "../../src/structure/fcc-surfaces.ts";
import { repeat } from "../../src/structure/repeat.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";

interface Build {
  readonly surface?: "fcc100" | "fcc110" | "fcc111";
  readonly symbol: string;
  readonly bulk: string;
  readonly options: SurfaceOptions & BulkOptions & { readonly orthogonal?: boolean };
  readonly adsorbates?: readonly {
    readonly symbol?: string;
    readonly symbols: readonly string[];
    readonly positions: readonly (readonly number[])[];
    readonly options: AdsorbateOptions;
  }[];
  readonly repeat?: [number, number, number];
}

interface Case {
  readonly build: Build;
  readonly numbers: number[];
  readonly positions: number[][];
  readonly cell: number[][];
  readonly pbc: boolean[];
  readonly tags: number[];
}

const { cases }: { cases: Case[] } = JSON.parse(readFileSync(new URL("../reference/builders.json", import.meta.url), "utf8"));

function built(build: Build): Structure {
  if (!build.surface) return repeat(bulk(build.bulk, build.options), build.repeat ?? [1, 1, 1]);
  let slab = { fcc100, fcc110, fcc111 }[build.surface](build.symbol, build.options);
  for (const { symbol, symbols, positions, options } of build.adsorbates ?? [])
    slab = addAdsorbate(slab, symbol ?? structure({ symbols, positions }), options);
  return slab;
}

function close(actual: Float64Array, expected: readonly number[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  expected.forEach((x, i) => {
    // ASE scales by solving a linear system: a few last bits of coordinates of some 10 Å.
    assert.ok(Math.abs(actual[i] - x) < 1e-12, `${what} ${i}: ${actual[i]} against ${x}`);
  });
}

for (const c of cases) {
  test(`${JSON.stringify(c.build).slice(0, 160)} as ASE builds it`, () => {
    const s = built(c.build);
    assert.deepEqual([...s.numbers], c.numbers);
    close(s.positions, c.positions.flat(), "position");
    close(s.cell, c.cell.flat(), "cell");
    assert.deepEqual(s.pbc, c.pbc);
    assert.deepEqual([...(s.tags ?? new Int32Array(c.tags.length))], c.tags);
  });
}

test("fixedLayers fixes from the bottom, and adsorbates move", () => {
  const s = addAdsorbate(fcc111("Cu", { size: [2, 2, 3], a: 3.6, vacuum: 6, fixedLayers: 2 }), "N", { site: "fcc", height: 1.1 });
  assert.deepEqual([...(s.fixed ?? [])], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
  assert.equal(fcc100("Cu", { size: [1, 1, 2], a: 3.6 }).fixed, undefined);
});

test("heights are counted from the bare slab, however many adsorbates stand on it", () => {
  const bare = fcc100("Cu", { size: [2, 2, 2], a: 3.6, vacuum: 6 });
  const one = addAdsorbate(bare, "N", { site: "hollow", height: 1 });
  const two = addAdsorbate(one, "O", { site: "hollow", height: 1, offset: [1, 1] });
  assert.equal(two.positions[3 * 9 + 2], two.positions[3 * 8 + 2]);
});

test("an adsorbate goes onto a slab without sites by position", () => {
  const s = addAdsorbate(structure({ symbols: ["Cu"], positions: [1, 2, 3], cell: [4, 4, 9], pbc: [true, true, false] }), "H", {
    height: 1.5,
    position: [1, 2],
  });
  assert.deepEqual([...s.positions.slice(3)], [1, 2, 4.5]);
});

test("wrong input is refused with the remedy", () => {
  const slab = fcc100("Cu", { size: [1, 1, 1], vacuum: 5 });
  assert.throws(() => addAdsorbate(slab, "N", { site: "fcc", height: 1 }), /no site "fcc"; it has ontop, bridge, hollow/);
  assert.throws(() => addAdsorbate(slab, "N", { height: Number.NaN }), /height is NaN/);
  assert.throws(() => fcc100("Cu", { size: [1, 1.5, 1], a: 3.6 }), /1 x 1.5 x 1; give three integers/);
  assert.throws(() => fcc100("Cu", { size: [1, 1, 1], a: -1 }), /lattice constant is -1/);
  assert.throws(() => fcc100("Cu", { size: [1, 1, 1], vacuum: -1 }), /vacuum is -1/);
  assert.throws(() => fcc100("Cu", { size: [1, 1, 1], vacuum: 0, periodic: true }), /one layer without vacuum/);
  assert.throws(() => fcc100("Cu", { size: [1, 1, 2], fixedLayers: 3 }), /the slab has 2 layers/);
  assert.throws(() => fcc100("Fe", { size: [1, 1, 1] }), /no lattice constant of fcc Fe/);
  assert.throws(() => fcc111("Cu", { size: [2, 3, 1], orthogonal: true }), /even number of rows, not 3/);
  assert.throws(() => bulk("Hg"), /crystal of Hg is not known/);
  assert.throws(() => bulk("Ti", { cubic: true }), /hcp has no cubic cell/);
  assert.throws(() => bulk("Xx"), /"Xx" is not a chemical symbol/);
  assert.throws(() => repeat(slab, [1, 1, 0]), /0 times along c/);
  assert.throws(() => repeat(fcc100("Cu", { size: [1, 1, 1] }), [1, 1, 2]), /no lattice vector c/);
});
