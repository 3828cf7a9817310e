/** The chart of a path: barriers, curve, uncertainty and calls, on the energies of an adatom's hop that EMT knows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { emtResult } from "../../src/calculators/emt.ts";
import type { Mark } from "../../src/display/chart.ts";
import { barriersOf, imageSentence, pathChart } from "../../src/display/pathChart.ts";
import { plotlyFigure } from "../../src/display/plotly.ts";
import { chartBlock } from "../../src/display/svg.ts";
import { svgDocument } from "../../src/display/svgDocument.ts";
import { chartText } from "../../src/display/text.ts";
import type { ImageRow } from "../../src/history/path.ts";
import { addAdsorbate } from "../../src/structure/adsorbate.ts";
import { fcc100 } from "../../src/structure/fcc-surfaces.ts";
import { faults } from "./plotlySchema.ts";
import { all, parseXml } from "./xml.ts";

const A = 3.5898;
const slab = addAdsorbate(fcc100("Cu", { size: [2, 2, 2], a: A, vacuum: 8, fixedLayers: 1 }), "Cu", { site: "hollow", height: 1.7 });
const subject = { name: "hop", formula: "Cu9", engine: "emt", method: "interpolation" } as const;

/** The adatom from hollow to hollow over the bridge, in an arc that ends higher than it began. */
function arc(t: number): Float64Array {
  const positions = slab.positions.slice();
  const last = positions.length - 3;
  positions[last] += (A / Math.SQRT2) * t;
  positions[last + 2] += 0.55 * Math.sin(Math.PI * t) + 0.1 * t;
  return positions;
}

function images(count: number, change: Partial<ImageRow> = {}): ImageRow[] {
  const found: ImageRow[] = [];
  for (let k = 0; k < count; k++) {
    const positions = arc(k / (count - 1));
    const { energy, forces } = emtResult({ ...slab, positions }, ["energy", "forces"]);
    const before = found.at(-1);
    const way = before === undefined ? 0 : Math.hypot(...positions.map((v, i) => v - before.positions[i]));
    found.push({
      image: k,
      coordinate: (before?.coordinate ?? 0) + way,
      energy: energy as number,
      sigma: 0.01 * (k + 1),
      fmax: 1.2,
      climbing: k === (count - 1) / 2,
      qmCalls: 2 * k + 1,
      positions,
      forces: forces as Float64Array,
      ...change,
    });
  }
  return found;
}

const path = images(7);
const chart = pathChart({ path: subject, images: path });
const marks = (from: typeof chart): Mark[] => from.rows.flatMap((r) => r.panels.flatMap((p) => p.marks));

test("barriers are those of the highest image over both ends, said and drawn at the ends", () => {
  const { at, forward, reverse } = barriersOf(path);
  const energies = path.map((i) => i.energy);
  assert.equal(at, 3);
  assert.deepEqual([forward, reverse], [energies[3] - energies[0], energies[3] - energies[6]]);
  assert.ok(forward > reverse && reverse > 0.05);
  const spans = marks(chart).filter((m) => m.mark === "spans");
  assert.deepEqual(
    spans.map((s) => [s.name, s.x[0], s.from[0], s.to[0]]),
    [
      ["forward", 0, 0, forward],
      ["reverse", path[6].coordinate, energies[6] - energies[0], forward],
    ],
  );
  assert.match(
    chart.description,
    new RegExp(`^7 images. Barrier forward ${forward.toPrecision(3)} eV, reverse .* Highest is image 3.* 49 QM calls in all`),
  );
  const downhill = pathChart({ path: subject, images: path.map((i, k) => ({ ...i, energy: -k })) });
  assert.match(downhill.description, /Barrier forward 0 eV, reverse 6.00 eV. The first image is the highest: there is no barrier/);
  assert.match(pathChart({ path: subject, images: [] }).description, /no image yet/);
});

test("the curve goes through every image with the slope of its forces, and nearer to EMT's own energies than straight lines", () => {
  const line = marks(chart).find((m) => m.mark === "line");
  const straight = marks(pathChart({ path: subject, images: images(7, { forces: null }) })).find((m) => m.mark === "line");
  assert.ok(line?.mark === "line" && straight?.mark === "line");
  assert.equal(straight.y.length, 7);
  const fine = images(97);
  const away = (x: readonly number[], y: readonly number[]): number =>
    Math.max(
      ...fine.map(({ coordinate, energy }) => {
        // The arc is a little longer than its chords.
        const at = (coordinate / fine[96].coordinate) * path[6].coordinate;
        const k = Math.max(
          1,
          x.findIndex((v) => v >= at - 1e-12),
        );
        const t = (at - x[k - 1]) / (x[k] - x[k - 1]);
        return Math.abs(y[k - 1] + t * (y[k] - y[k - 1]) - (energy - fine[0].energy));
      }),
    );
  for (const { coordinate, energy } of path) {
    const k = line.x.findIndex((v) => Math.abs(v - coordinate) < 1e-12);
    // Rounding of sums of some ten numbers below 10.
    assert.ok(Math.abs(line.y[k] - (energy - path[0].energy)) < 1e-12);
  }
  assert.ok(away(line.x, line.y) < 0.3 * away(straight.x, straight.y));
});

test("uncertainty stands as bars at the images, the climbing one apart, QM calls below; without them nothing is claimed", () => {
  const dots = marks(chart).filter((m) => m.mark === "dots");
  assert.deepEqual(
    dots.map((d) => [d.shape, d.x.length, d.errors?.[0]]),
    [
      ["disc", 6, 0.01],
      ["diamond", 1, 0.04],
    ],
  );
  const bars = marks(chart).find((m) => m.mark === "bars");
  assert.deepEqual(bars?.mark === "bars" && bars.to, [1, 3, 5, 7, 9, 11, 13]);
  const bare = pathChart({ path: subject, images: images(3, { sigma: null, qmCalls: null, climbing: false }) });
  assert.equal(bare.rows.length, 1);
  assert.ok(marks(bare).every((m) => m.mark !== "dots" || m.errors === undefined));
  assert.doesNotMatch(`${bare.caption} ${bare.description}`, /deviation|QM call|climbing/);
  assert.match(
    imageSentence(path, 3),
    /^image 3 \(of 0 to 6\), .* Å along the path; energy .* eV ± 0.040 eV above the first; fmax 1.20 eV\/Å; 7 QM calls; climbing$/,
  );
});

test("SVG, plotly and text of a path are valid", () => {
  for (const one of [chart, pathChart({ path: subject, images: [] }), pathChart({ path: subject, images: path.slice(0, 1) })]) {
    const svg = svgDocument(one.title, one.description, [chartBlock(one)]);
    const root = parseXml(svg);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
    assert.deepEqual(faults(plotlyFigure(one)), []);
    for (const line of chartText(one).split("\n")) assert.ok(line.length <= 100, line);
    if (one === chart) assert.equal(all(root, "circle").length, 6 + 1);
  }
  assert.match(chartText(chart), /forward 0\.\d+ eV/);
});
