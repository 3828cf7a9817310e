/** Colours, arrows, copies and picked atoms of the view of atoms. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrowScale, whyNoArrows } from "../../labextension/src/atoms/arrows.ts";
import {
  type FrameForces,
  measuredColours,
  packed,
  placeIn,
  rangeOf,
  roleColour,
  valuesOf,
  whyNot,
} from "../../labextension/src/atoms/colouring.ts";
import { pictureOf } from "../../labextension/src/atoms/drawing.ts";
import { measured, pickedWith } from "../../labextension/src/atoms/measuring.ts";
import { sequential } from "../../labextension/src/atoms/palette.ts";
import { lastStep, nearest, runsOf } from "../../labextension/src/atoms/runs.ts";
import { barTicks, keyOf } from "../../labextension/src/legend.ts";
import { type Look, parse } from "../../labextension/src/look.ts";
import { imagesOf, sceneOf } from "../../labextension/src/scene.ts";
import { HUES } from "../../src/display/svgDocument.ts";
import { history } from "../../src/history/history.ts";
import { fixture } from "../history/fixture.ts";
import { fc } from "../properties.ts";

const hues = Object.fromEntries(Object.entries(HUES).map(([hue, [light]]) => [hue, light])) as Look["hues"];
const LIGHT: Look = { dark: false, paper: "#ffffff", ink: "#000000", soft: "#595959", grid: "#e6e6e6", font: "Arial", hues };
const slab = { ...history(fixture({ members: 3, size: [3, 3, 3] })), state: "finished" };
const acid = { ...history(fixture({ members: 3, acid: true })), state: "finished" };

/** Relative luminance (WCAG 2). */
function luminance(rgb: readonly number[]): number {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test("palettes grow lighter from step to step, so that they can be read in grey, and are no darker than paper can show", () => {
  for (const palette of ["viridis", "cividis"] as const) {
    const steps = Array.from({ length: 33 }, (_, k) => luminance(sequential(palette, k / 32)));
    for (let k = 1; k < steps.length; k++) assert.ok(steps[k] > steps[k - 1], `${palette} at ${k}`);
    assert.ok(steps[0] < 0.05 && steps[32] > 0.6);
    assert.deepEqual(sequential(palette, -3), sequential(palette, 0));
  }
});

test("regions differ in lightness as well as in hue", () => {
  const light = (["core", "buffer", "environment", "link"] as const).map((role) => luminance(parse(roleColour(role, LIGHT))));
  for (const [i, a] of light.entries()) for (const b of light.slice(0, i)) assert.ok(Math.abs(a - b) > 0.03);
});

test("one range for all frames: zero to the largest, and the same number has the same colour in every frame", () => {
  const frames: FrameForces[] = [2, 0.5].map((size) => ({ forces: Float64Array.of(0, 0, 0, 0, -size, 0, 0.3, 0, 0.4) }));
  const range = rangeOf("force", frames, false);
  assert.deepEqual(range, { low: 0, high: 2, logarithmic: false });
  const [a, b] = frames.map((f) => measuredColours(valuesOf("force", f) as Float64Array, range, "viridis", LIGHT));
  assert.deepEqual([a[0], a[2]], [b[0], b[2]]);
  assert.notEqual(a[1], b[1]);
  assert.equal(a[1], packed(sequential("viridis", 1)));
  const wide = rangeOf("force", frames, true);
  assert.equal(wide.low, 0.002);
  assert.ok(Math.abs(placeIn(wide, 0.2) - 2 / 3) < 1e-12);
  assert.equal(placeIn(wide, 0), 0);
});

test("force error is the length of QM's force less the model's, grey where there is none, and not to be chosen without both", () => {
  const forces = Float64Array.of(1, 0, 0, 0, 0, 0);
  const frame = { forces, qmForces: Float64Array.of(3, 4, 0, NaN, NaN, NaN), mlForces: Float64Array.of(0, 0, 0, NaN, NaN, NaN) };
  const values = valuesOf("force error", frame) as Float64Array;
  assert.deepEqual([...values], [5, Number.NaN]);
  const colours = measuredColours(values, rangeOf("force error", [frame], false), "cividis", LIGHT);
  assert.equal(colours[0], packed(sequential("cividis", 1)));
  const grey = parse(`#${colours[1].toString(16)}`);
  assert.ok(Math.max(...grey) - Math.min(...grey) < 10);
  assert.equal(whyNot("force error", [frame]), "");
  assert.match(whyNot("force error", [{ forces }]), /does not hold/);
  assert.match(whyNot("uncertainty", [frame]), /no uncertainty/);
  assert.match(whyNoArrows("difference", [{ forces, qmForces: null }]), /does not hold/);
});

test("the arrows' scale is a round number, halved by each doubling, and the longest arrow is a few Å long", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e4, noNaN: true }), (size) => {
      const scale = arrowScale("hybrid", [{ forces: Float64Array.of(size, 0, 0) }], 0);
      assert.match(scale.toExponential(), /^[125](\.0+)?e/);
      assert.ok(size / scale > 1.4 && size / scale < 4, `${size} at ${scale}`);
    }),
  );
  const of = (finer: number): number => arrowScale("hybrid", [{ forces: Float64Array.of(5, 0, 0) }], finer);
  assert.deepEqual([of(0), of(1), of(-1)], [2, 1, 5]);
  assert.equal(arrowScale("hybrid", [{ forces: new Float64Array(3) }], 0), 1);
});

test("a colour bar names its ends, and no tick lies on another", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-5, max: 1e3, noNaN: true }), fc.boolean(), (high, logarithmic) => {
      const ticks = barTicks({ range: { low: logarithmic ? high / 1000 : 0, high, logarithmic } });
      assert.deepEqual([ticks[0].at, ticks[ticks.length - 1].at], [0, 1]);
      for (let k = 1; k < ticks.length; k++) assert.ok(ticks[k].at - ticks[k - 1].at > 0.08, JSON.stringify(ticks));
    }),
  );
});

test("copies stand at whole lattice vectors, along what repeats only, and the structure itself is the first", () => {
  const cell = [4, 0, 0, 1, 5, 0, 0, 0, 20];
  const images = imagesOf(cell, "TTF", [2, 3, 3]);
  assert.equal(images.length, 6);
  assert.deepEqual(images[0], [0, 0, 0]);
  assert.deepEqual(images.at(-1), [4 + 2, 10, 0]);
  const [{ positions }] = slab.trajectory;
  const one = sceneOf(slab, positions);
  const many = sceneOf(slab, positions, { repeats: [2, 3, 1] });
  const [a, b] = [pictureOf(one, one.place(positions), LIGHT), pictureOf(many, many.place(positions), LIGHT)];
  assert.equal(b.balls.radius.length, 6 * a.balls.radius.length);
  // Everything is to be seen at first: balls' middles lie within what the camera shows.
  const [r] = [many.rotation];
  for (let k = 0; k < b.balls.at.length; k += 3) {
    const right = r[0] * b.balls.at[k] + r[1] * b.balls.at[k + 1] + r[2] * b.balls.at[k + 2];
    const up = r[3] * b.balls.at[k] + r[4] * b.balls.at[k + 1] + r[5] * b.balls.at[k + 2];
    assert.ok(Math.abs(right) < many.half[0] && Math.abs(up) < many.half[1]);
  }
});

test("a molecule has two halves for each bond, its link hydrogen on the cut bond, and arrows as long as its forces", () => {
  const [{ positions }] = acid.trajectory;
  const scene = sceneOf(acid, positions);
  const places = scene.place(positions);
  const picture = pictureOf(scene, places, LIGHT);
  assert.equal(picture.rods.radius.length, 2 * (acid.atoms.length - 1));
  assert.equal(picture.balls.radius.length, acid.atoms.length + acid.about.linkAtoms);
  assert.equal(pictureOf(scene, places, LIGHT, { bonds: false }).rods.radius.length, 0);
  const vectors = new Float64Array(positions.length).fill(Number.NaN);
  vectors.set([0.3, -0.4, 1.2], 6);
  const { rods, cones } = pictureOf(scene, places, LIGHT, { bonds: false, arrows: { vectors, scale: 0.5, colour: "#000000" } });
  assert.equal(cones.radius.length, 1);
  const [from, to] = [rods.ends.slice(0, 3), cones.ends.slice(3, 6)];
  const along = to.map((x, k) => x - from[k]);
  for (const [k, x] of [0.6, -0.8, 2.4].entries()) assert.ok(Math.abs(along[k] - x) < 1e-12);
});

test("picking goes on to four atoms, lets go of the last one, and begins anew", () => {
  const picks = [3, 5, 8, 1].reduce((picked: number[], atom) => pickedWith(picked, atom), []);
  assert.deepEqual(picks, [3, 5, 8, 1]);
  assert.deepEqual(pickedWith(picks, 7), [7]);
  assert.deepEqual(pickedWith(picks, 1), [3, 5, 8]);
  assert.deepEqual(pickedWith(picks, 5), [5]);
  assert.deepEqual(pickedWith(picks, -1), []);
});

test("one atom says who and where it is, two their distance, drawn as long as it is said", () => {
  const [frame] = slab.trajectory;
  const scene = sceneOf(slab, frame.positions);
  const core = slab.atoms.findIndex((a) => a.role === "core");
  const alone = measured(slab, frame, scene, [core]);
  assert.match(
    alone.words,
    new RegExp(`^${slab.atoms[core].symbol} ${core} · core · (free|fixed) · r = \\(.+\\) Å · F = \\(.+\\), \\|F\\| = .+ eV/Å$`),
  );
  assert.equal(alone.marks.label, "");
  const far = slab.atoms.length - 2;
  const pair = measured(slab, frame, scene, [core, far]);
  const [[a, b]] = pair.marks.lines;
  const length = Math.hypot(...a.map((x, k) => x - b[k]));
  assert.equal(pair.marks.label, `${length.toFixed(3)} Å`);
  assert.ok(pair.words.startsWith("Distance") && pair.words.endsWith(pair.marks.label));
  assert.deepEqual(measured(slab, frame, scene, []).words, "");
});

test("relaxations by name, frames of two of them by step", () => {
  const runs = runsOf(slab.trajectory);
  assert.deepEqual(runs.map((r) => r.name).sort(), ["frozen, model 0", "full QM", "retrained, model 0"]);
  assert.equal(runs[0].name, "retrained, model 0");
  const [{ frames }] = runs;
  for (const [k, { step }] of frames.entries()) assert.equal(nearest(frames, step ?? 0), k);
  assert.equal(nearest(frames, 1e6), frames.length - 1);
  assert.equal(lastStep(runs[0]), frames[frames.length - 1].step);
});

test("a legend names what is drawn: elements and regions with their numbers, link hydrogens, the arrows' scale", () => {
  const words = (key: ReturnType<typeof keyOf>): string => key.entries.map((e) => e.words).join("; ");
  const byElement = keyOf(acid, "element", LIGHT, null, { words: "force: 1 Å is 0.5 eV/Å", colour: "#000000" });
  assert.match(words(byElement), /C; .*core \(\d+ atoms\); .*link hydrogen on a cut bond; force: 1 Å is 0.5 eV\/Å$/);
  const byForce = keyOf(acid, "force", LIGHT, { range: { low: 0, high: 2, logarithmic: false }, palette: "viridis", gaps: false }, null);
  assert.deepEqual([byForce.bar?.unit, byForce.bar?.range.high, byForce.entries.length], ["eV/Å", 2, 0]);
});
