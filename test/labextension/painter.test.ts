/** Pictures painted without a browser: what is in front, where it stands, and from where it is seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newCamera, projected, projection, quaternion, type Rotation, turned } from "../../labextension/src/atoms/camera.ts";
import { halved, newRaster, paint, type Raster } from "../../labextension/src/atoms/painter.ts";
import { addRod, noRods, type Picture } from "../../labextension/src/atoms/picture.ts";
import { fc } from "../properties.ts";

const PAPER = 0xffffff;
const [WIDTH, HEIGHT] = [80, 60];
const SURROUND = { paper: PAPER, rim: 0 };
const NOTHING: Picture = { balls: balls([]), rods: noRods(), cones: noRods() };

function balls(list: readonly (readonly [x: number, y: number, z: number, radius: number, colour: number])[]): Picture["balls"] {
  return {
    at: Float64Array.from(list.flatMap((b) => b.slice(0, 3))),
    radius: Float32Array.from(list, (b) => b[3]),
    colour: Uint32Array.from(list, (b) => b[4]),
  };
}

function painted(picture: Picture, ghost?: Picture, rotation?: Rotation): Raster {
  const raster = newRaster(WIDTH, HEIGHT);
  const camera = newCamera();
  if (rotation) camera.rotation = rotation;
  paint(raster, { solid: picture, ...(ghost && { ghost }) }, projection(camera, [4, 3], WIDTH, HEIGHT), SURROUND, newRaster(WIDTH, HEIGHT));
  return raster;
}

/** Red, green and blue at a point in Å from the middle, right and up. */
function at({ pixels }: Raster, x: number, y: number): number[] {
  const pixel = pixels[Math.round(HEIGHT / 2 - 10 * y) * WIDTH + Math.round(WIDTH / 2 + 10 * x)];
  return [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
}

const hue = (rgb: number[]): number => rgb.indexOf(Math.max(...rgb));

test("of two balls the nearer hides the farther, whichever comes first, and where they cut each other it is by depth", () => {
  const [red, blue] = [
    [0, 0, 1, 1, 0xff0000],
    [0.8, 0.3, -1, 1, 0x0000ff],
  ] as const;
  const pictures = [painted({ ...NOTHING, balls: balls([red, blue]) }), painted({ ...NOTHING, balls: balls([blue, red]) })];
  assert.deepEqual(pictures[0].pixels, pictures[1].pixels);
  assert.equal(hue(at(pictures[0], 0.5, 0.2)), 0);
  assert.equal(hue(at(pictures[0], 1.4, 0.3)), 2);
  assert.deepEqual(at(pictures[0], -2, 0), [255, 255, 255]);
  // Seen from behind, the other one is in front; right has become left.
  const behind = painted({ ...NOTHING, balls: balls([red, blue]) }, undefined, [-1, 0, 0, 0, 1, 0, 0, 0, -1]);
  assert.equal(hue(at(behind, -0.5, 0.2)), 2);
});

test("a ball's disc has the area of a circle, and is brighter at the upper left than at the lower right", () => {
  const raster = painted({ ...NOTHING, balls: balls([[0.3, -0.2, 0, 1.7, 0x808080]]) });
  const area = raster.depths.reduce((sum, d) => sum + (d > -Infinity ? 1 : 0), 0) / 100;
  // Pixels of a tenth of an Å at the edge.
  assert.ok(Math.abs(area - Math.PI * 1.7 ** 2) < 0.15, `${area}`);
  assert.ok(at(raster, -0.5, 0.6)[0] > at(raster, 1.1, -1)[0] + 30);
});

test("a rod covers its length times its width however it is tilted, a cone half of it, and both are in front of what is behind", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 6.28, noNaN: true }), fc.double({ min: -1.2, max: 1.2, noNaN: true }), (turn, tilt) => {
      const flat = Math.cos(tilt);
      const end = [2 * flat * Math.cos(turn), 2 * flat * Math.sin(turn), 2 * Math.sin(tilt)];
      const [rods, cones] = [noRods(), noRods()];
      addRod(rods, [0, 0, 0], end, 0.4, 0x00ff00);
      addRod(cones, [0, 0, 0], end, 0.4, 0x00ff00);
      const covered = (r: Raster): number => r.depths.reduce((sum, d) => sum + (d > -Infinity ? 1 : 0), 0) / 100;
      // Its round ends bulge by as much as they are bitten out; pixels along its edge.
      assert.ok(Math.abs(covered(painted({ ...NOTHING, rods })) - 2 * flat * 0.8) < 0.35);
      const cone = covered(painted({ ...NOTHING, cones }));
      // The triangle at least, and no more than it and its base.
      assert.ok(cone > flat * 0.8 - 0.3 && cone < flat * 0.8 + 0.4 * 0.4 * Math.PI + 0.3, `${cone} at ${tilt}`);
    }),
  );
});

test("a ghost shines through where nothing is before it and is hidden where something is", () => {
  const solid = { ...NOTHING, balls: balls([[0, 0, 2, 1, 0xff0000]]) };
  const ghost = { ...NOTHING, balls: balls([[0.8, 0, 0, 1, 0x0000ff]]) };
  const both = painted(solid, ghost);
  assert.deepEqual(at(both, 0, 0.2), at(painted(solid), 0, 0.2));
  const [r, , b] = at(both, 1.4, 0.2);
  assert.ok(r > 100 && b > r, "pale blue");
});

test("what is made half as large has the mean of four pixels", () => {
  const raster = newRaster(4, 2);
  raster.pixels.set([0xff000000, 0xff0000ff, 0xffffffff, 0xffffffff, 0xff00ff00, 0xff0000ff, 0xffffffff, 0xffffffff]);
  const out = new Uint32Array(2);
  halved(raster, out);
  assert.deepEqual(
    [...out].map((p) => p >>> 0),
    [0xff003f7f, 0xffffffff],
  );
});

test("a turned camera keeps lengths and handedness, its quaternion is the same rotation, and its projection is the painter's", () => {
  const step = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(step, step), { maxLength: 8 }), fc.tuple(step, step, step), (turns, point) => {
      const r = turns.reduce((rotation: Rotation, [right, down]) => turned(rotation, right, down), newCamera().rotation);
      const apply = (p: readonly number[]): number[] => [0, 3, 6].map((k) => r[k] * p[0] + r[k + 1] * p[1] + r[k + 2] * p[2]);
      const [x, y, z, w] = quaternion(r);
      const [u, v, t] = point;
      // v' = v + 2 q × (q × v + w v)
      const inner = [y * t - z * v + w * u, z * u - x * t + w * v, x * v - y * u + w * t];
      const byQuaternion = [
        u + 2 * (y * inner[2] - z * inner[1]),
        v + 2 * (z * inner[0] - x * inner[2]),
        t + 2 * (x * inner[1] - y * inner[0]),
      ];
      for (const [k, value] of apply(point).entries()) assert.ok(Math.abs(value - byQuaternion[k]) < 1e-9);
      const [a, b, c] = [r.slice(0, 3), r.slice(3, 6), r.slice(6, 9)];
      const cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
      for (const [k, value] of cross.entries()) assert.ok(Math.abs(value - c[k]) < 1e-12);
      const p = projected({ rotation: r, scale: 10, left: 40, top: 30 }, point);
      assert.ok(Math.abs(p[0] - (40 + 10 * apply(point)[0])) < 1e-9 && Math.abs(p[1] - (30 - 10 * apply(point)[1])) < 1e-9);
    }),
  );
});

test("dragging to the right moves what is near to the right, and dragging down moves it down", () => {
  const near = [0, 0, 1];
  const right = turned(newCamera().rotation, 0.1, 0);
  assert.ok(right[0] * near[0] + right[1] * near[1] + right[2] * near[2] > 0);
  const down = turned(newCamera().rotation, 0, 0.1);
  assert.ok(down[3] * near[0] + down[4] * near[1] + down[5] * near[2] < 0);
});
