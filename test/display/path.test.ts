/** A path as a notebook shows it: an adatom's hop on a real surface by EMT, from interpolated images to a bundle that any viewer reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readPath } from "../../labextension/src/pathRows.ts";
import { emtResult } from "../../src/calculators/emt.ts";
import { mimeType, type ViewPayload } from "../../src/display/bundle.ts";
import { IMAGE_COLUMNS, type PathInput, pathRows } from "../../src/history/path.ts";
import { type Frame, formatExtxyz, parseExtxyz, pathBundle } from "../../src/index.ts";
import { times } from "../../src/linalg/cell.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { type Structure, withPositions } from "../../src/structure/structure.ts";
import { faults } from "./plotlySchema.ts";
import { parseXml } from "./xml.ts";

const A = 3.61;
const slab = addAdsorbate(fcc100("Cu", { size: [2, 3, 3], a: A, vacuum: 8, fixedLayers: 1 }), "Cu", { site: "hollow", height: 1.75 });
const last = slab.positions.length - 3;

/** The adatom one hollow further along a, over the bridge. */
function between(t: number): Structure {
  const positions = slab.positions.slice();
  positions[last] += (A / Math.SQRT2) * t;
  positions[last + 2] += 0.45 * Math.sin(Math.PI * t);
  return withPositions(slab, positions);
}

const images: Frame[] = Array.from({ length: 9 }, (_, k) => {
  const structure = between(k / 8);
  return { structure, result: emtResult(structure, ["energy", "forces"]) };
});
const input: PathInput = { name: "hop", engine: "emt", method: "interpolation", images };

test("a path shows itself in a cell, and its bundle can be drawn anywhere", () => {
  const shown = pathBundle(input);
  const b = shown[Symbol.for("Jupyter.display") as keyof typeof shown] as unknown as () => Record<string, unknown>;
  const bundle = JSON.parse(JSON.stringify(b())) as Record<string, unknown>;
  assert.deepEqual(Object.keys(bundle), [mimeType("path"), "text/plain", "image/svg+xml", "application/vnd.plotly.v1+json"]);
  parseXml(bundle["image/svg+xml"] as string);
  assert.deepEqual(faults(bundle["application/vnd.plotly.v1+json"] as Parameters<typeof faults>[0]), []);
  assert.match(bundle["text/plain"] as string, /hop: energy along the path/);
  assert.match((bundle["text/plain"] as string).replace(/\s+/g, " "), /EMT stands in for the QM engine/);
  const rows = readPath(bundle[mimeType("path")] as ViewPayload);
  assert.deepEqual(rows, pathRows(input));
  assert.equal(rows.path.formula, "Cu19");
  assert.equal(rows.atoms.filter((a) => a.fixed).length, 6);
});

test("images carry EMT's energies and forces, the length of the way, and the largest force of a free atom", () => {
  const { images: rows } = pathRows(input);
  const energies = images.map((i) => i.result?.energy);
  assert.deepEqual(
    rows.map((r) => r.energy),
    energies,
  );
  // Over the bridge: the middle image is the highest, and both ends are the same by symmetry.
  const top = Math.max(...(energies as number[]));
  assert.equal(energies.indexOf(top), 4);
  // EMT's sums in another order.
  assert.ok(top - rows[0].energy > 0.2 && Math.abs(rows[8].energy - rows[0].energy) < 1e-9);
  let way = 0;
  for (const [k, row] of rows.entries()) {
    if (k > 0) way += Math.hypot(...row.positions.map((x, j) => x - rows[k - 1].positions[j]));
    // The same few numbers added in another order.
    assert.ok(Math.abs(row.coordinate - way) < 1e-12);
    assert.equal(row.forces, images[k].result?.forces);
    assert.ok(row.fmax !== null && row.fmax > 0);
  }
  // The forces are the slope: the adatom's work along the way is the energy, by the trapezoidal rule.
  const work = rows.slice(1, 5).reduce((sum, row, k) => {
    const { positions, forces } = rows[k];
    return sum - row.positions.reduce((w, x, j) => w + ((x - positions[j]) * ((row.forces?.[j] ?? 0) + (forces?.[j] ?? 0))) / 2, 0);
  }, 0);
  // Four steps of 0.4 Å on a barrier: the rule's own error is a few percent.
  assert.ok(Math.abs(work - (top - rows[0].energy)) < 0.05 * (top - rows[0].energy));
});

test("images from a file that was wrapped into its cell are the same path", () => {
  const wrapped = images.map(({ structure: s, result }) => {
    const positions = s.positions.slice();
    // Beyond the middle the adatom has left the cell on the right, and was put back on the left.
    const away = times([-1, 0, 0], s.cell);
    if (positions[last] > s.positions[last] - 1e-9 && positions[last] > slab.positions[last] + A / 3)
      for (let k = 0; k < 3; k++) positions[last + k] += away[k];
    return { structure: withPositions(s, positions), result };
  });
  const read = pathRows({ ...input, images: parseExtxyz(formatExtxyz(wrapped)) });
  const expected = pathRows(input);
  assert.ok(wrapped.some((w, k) => w.structure.positions[last] !== images[k].structure.positions[last]));
  for (const [k, row] of read.images.entries()) {
    // Adding a lattice vector and taking it away rounds.
    assert.ok(row.positions.every((x, j) => Math.abs(x - expected.images[k].positions[j]) < 1e-12));
    assert.ok(Math.abs(row.coordinate - expected.images[k].coordinate) < 1e-12);
  }
});

test("what is said of images stands in their rows; what is no path is refused", () => {
  const said = pathRows({
    ...input,
    method: "neb",
    core: [18],
    cluster: [15, 16, 18],
    images: images.map(({ structure, result }, k) => ({
      structure,
      result: { energy: result?.energy, energySigma: 0.01 * k },
      climbing: k === 4,
      qmCalls: k,
      fmax: 0.04,
    })),
  });
  assert.deepEqual(
    [said.images[4].climbing, said.images[3].climbing, said.images[5].qmCalls, said.images[2].sigma, said.images[0].fmax],
    [true, false, 5, 0.02, 0.04],
  );
  assert.equal(said.images[0].forces, null);
  assert.deepEqual(
    ["core", "buffer"].map((role) => said.atoms.filter((a) => a.role === role).length),
    [1, 2],
  );
  const bad: readonly (readonly [PathInput["images"], RegExp])[] = [
    [images.slice(0, 1), /a path of 1 images goes nowhere/],
    [[images[0], { structure: slab }], /image 1 has an energy of undefined eV/],
    [[images[0], { structure: slab, result: { energy: Number.NaN } }], /image 1 has an energy of NaN eV/],
    [[images[0], { ...images[1], structure: { ...slab, cell: slab.cell.map((x) => 2 * x) } }], /image 1 has another cell/],
    [[images[0], { ...images[1], structure: fcc100("Cu", { size: [2, 2, 2], vacuum: 8 }) }], /image 1 has other atoms/],
  ];
  for (const [wrong, sentence] of bad)
    assert.throws(() => pathRows({ ...input, images: wrong }), { name: "RangeError", message: sentence });
  assert.deepEqual(Object.keys(IMAGE_COLUMNS), Object.keys(said.images[0]));
});
