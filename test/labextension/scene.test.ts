/** The scenes of the notebook's atoms. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ballColour } from "../../labextension/src/atoms/colouring.ts";
import { type Look, mixed, parse } from "../../labextension/src/look.ts";
import { readRows } from "../../labextension/src/rows.ts";
import { sceneOf } from "../../labextension/src/scene.ts";
import { mimeType, type ViewPayload } from "../../src/display/bundle.ts";
import { studyBundle } from "../../src/display/study.ts";
import { HUES } from "../../src/display/svgDocument.ts";
import { history } from "../../src/history/history.ts";
import { fixture } from "../history/fixture.ts";

const h = history(fixture({ members: 4, size: [3, 3, 3] }));
const hues = Object.fromEntries(Object.entries(HUES).map(([hue, [light]]) => [hue, light])) as Look["hues"];
const LIGHT: Look = { dark: false, paper: "#ffffff", ink: "#000000", soft: "#595959", grid: "#e6e6e6", font: "Arial", hues };

test("a scene turns a structure and keeps it: distances within the cell, the core in its middle", () => {
  const { rows } = readRows(studyBundle(h)[mimeType("study")] as ViewPayload);
  const [first, second] = rows.trajectory;
  const scene = sceneOf(rows, first.positions);
  const [a, b] = [scene.place(first.positions), scene.place(second.positions)];
  const moved = (p: Float64Array, q: Float64Array): number[] =>
    rows.atoms.map((_, i) => Math.hypot(p[3 * i] - q[3 * i], p[3 * i + 1] - q[3 * i + 1], p[3 * i + 2] - q[3 * i + 2]));
  for (const [i, d] of moved(a, b).entries()) {
    // Rounding of coordinates of some 10 Å.
    assert.ok(Math.abs(d - moved(first.positions, second.positions)[i]) < 1e-12);
  }
  const [x, y, z] = scene.rotation;
  const right = rows.atoms.map((_, i) => x * a[3 * i] + y * a[3 * i + 1] + z * a[3 * i + 2]);
  const core = right.filter((_, i) => rows.atoms[i].role === "core");
  const middle = core.reduce((sum, r) => sum + r, 0) / core.length;
  assert.ok(Math.min(...right) < middle && middle < Math.max(...right));
  // The picture is centred on what is drawn, which a slanted cell makes a little wider than its atoms.
  assert.ok(Math.abs(middle) < 0.25 * (Math.max(...right) - Math.min(...right)));
  assert.ok(right.every((r) => Math.abs(r) < scene.half[0]));
  assert.equal(scene.cell.floor.length, 4);
  assert.equal(scene.cell.whole.length, 12);
});

test("core, buffer and environment differ in their distance from the paper", () => {
  const away = (role: "core" | "buffer" | "environment"): number => {
    const [c, p] = [parse(ballColour({ symbol: "Cu", role }, LIGHT)), parse(LIGHT.paper)];
    return Math.hypot(...c.map((v, k) => v - p[k]));
  };
  assert.ok(away("core") > 1.5 * away("buffer") && away("buffer") > 2 * away("environment") && away("environment") > 10);
  assert.equal(mixed([0, 0, 0], [255, 128, 0], 0.5), "#804000");
  assert.deepEqual(parse("rgba(17, 18, 19, 0.87)").slice(0, 3), [17, 18, 19]);
});
