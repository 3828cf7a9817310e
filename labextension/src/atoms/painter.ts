/**
 * Paints a picture without WebGL: orthographic, every pixel's depth known, so that spheres, rods and cones cut each other as they do in space
 * and nothing is sorted. Of a sphere the surface over pixel (x, y) stands at z = √(r² - x² - y²); rods and cones are met by their rays
 * likewise. Light comes from the upper left, and a dark rim stands round every ball. In software rendering this is several times faster than
 * 3Dmol (labextension/README.md has the numbers), and it needs no context.
 */
import type { Projection } from "./camera.ts";
import type { Balls, Layers, Picture, Rods } from "./picture.ts";

/** Pixels and their depths. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** As a canvas has them: alpha, blue, green, red from the highest byte. */
  readonly pixels: Uint32Array;
  /** Towards the viewer; -Infinity where nothing stands. */
  readonly depths: Float32Array;
}

/** Colours of what is not in the picture. */
export interface Surround {
  /** 0xrrggbb. */
  readonly paper: number;
  readonly rim: number;
}

/** Shades from shadow to full light, then the rim. */
const SHADES = 64;
/** Towards the light: right, up, towards the viewer. */
const LIGHT = [-0.42, 0.52, 0.744] as const;
/** Part of a colour in the shadow; strength and sharpness of the light's reflection. */
const [SHADOW, GLOSS, SHARP] = [0.5, 0.24, 28];
/** Width of the rim, Å and most pixels; balls of fewer pixels have none. */
const [RIM, WIDEST_RIM, RIMLESS] = [0.045, 2.4, 3];
/** What shines through of a ghost. */
const GHOST = 0.45;

/** An empty raster. */
export function newRaster(width: number, height: number): Raster {
  return { width, height, pixels: new Uint32Array(width * height), depths: new Float32Array(width * height) };
}

/** Paints layers over a whole raster; `second` is of the same size and needed for a ghost. */
export function paint(raster: Raster, { solid, ghost }: Layers, p: Projection, surround: Surround, second?: Raster): void {
  paintPicture(raster, solid, p, surround);
  if (!ghost || !second) return;
  paintPicture(second, ghost, p, surround);
  for (let k = 0; k < raster.pixels.length; k++)
    if (second.depths[k] > raster.depths[k]) raster.pixels[k] = blended(raster.pixels[k], second.pixels[k], GHOST);
}

/** Half as wide and high, each pixel the mean of four: what makes edges smooth. */
export function halved({ width, pixels }: Raster, out: Uint32Array): void {
  const half = width / 2;
  for (let k = 0; k < out.length; k++) {
    const at = 2 * width * Math.floor(k / half) + 2 * (k % half);
    out[k] = mean(mean(pixels[at], pixels[at + 1]), mean(pixels[at + width], pixels[at + width + 1]));
  }
}

function paintPicture(raster: Raster, picture: Picture, p: Projection, surround: Surround): void {
  raster.pixels.fill(opaque(surround.paper));
  raster.depths.fill(-Infinity);
  const ramps = new Map<number, Uint32Array>();
  const rampOf = (colour: number): Uint32Array => {
    let found = ramps.get(colour);
    if (!found) {
      found = ramp(colour, surround.rim);
      ramps.set(colour, found);
    }
    return found;
  };
  paintBalls(raster, picture.balls, p, rampOf);
  paintRods(raster, picture.rods, p, rampOf);
  paintCones(raster, picture.cones, p, rampOf);
}

function paintBalls(raster: Raster, { at, radius, colour }: Balls, p: Projection, rampOf: (colour: number) => Uint32Array): void {
  const { width, height, pixels, depths } = raster;
  const { rotation: m, scale, left, top } = p;
  const [lx, ly, lz] = LIGHT;
  const rim = Math.min(WIDEST_RIM, RIM * scale);
  for (let i = 0, k = 0; i < radius.length; i++, k += 3) {
    const [x, y, z] = [at[k], at[k + 1], at[k + 2]];
    const r = radius[i] * scale;
    const cx = left + scale * (m[0] * x + m[1] * y + m[2] * z);
    const cy = top - scale * (m[3] * x + m[4] * y + m[5] * z);
    const cz = scale * (m[6] * x + m[7] * y + m[8] * z);
    const [first, last] = [Math.max(0, Math.ceil(cy - r)), Math.min(height - 1, Math.floor(cy + r))];
    if (!(cx + r >= 0 && cx - r < width && first <= last)) continue;
    const shades = rampOf(colour[i]);
    const inner = r > RIMLESS ? r * r - (r - rim) ** 2 : 0;
    const f = (SHADES - 1) / r;
    for (let row = first; row <= last; row++) {
      const dy = row - cy;
      const rest = r * r - dy * dy;
      const half = Math.sqrt(rest);
      const end = Math.min(width - 1, Math.floor(cx + half));
      let column = Math.max(0, Math.ceil(cx - half));
      for (let pixel = row * width + column; column <= end; column++, pixel++) {
        const dx = column - cx;
        const square = rest - dx * dx;
        const h = Math.sqrt(square);
        if (cz + h <= depths[pixel]) continue;
        depths[pixel] = cz + h;
        const light = f * (lx * dx - ly * dy + lz * h);
        pixels[pixel] = square < inner ? shades[SHADES] : shades[light > 0 ? light | 0 : 0];
      }
    }
  }
}

/** On a rod about u (on the screen) through p: across = ⟂ distance, h = √(r² - across²), along = (l + h a_z) / s by the tilt of its axis. */
function paintRods(raster: Raster, rods: Rods, p: Projection, rampOf: (colour: number) => Uint32Array): void {
  const { width, height, pixels, depths } = raster;
  const [lx, ly, lz] = LIGHT;
  for (let i = 0; i < rods.radius.length; i++) {
    const [from, to] = [screen(p, rods.ends, 6 * i), screen(p, rods.ends, 6 * i + 3)];
    // A thinner rod would be a dotted line.
    const r = Math.max(0.7, rods.radius[i] * p.scale);
    const axis = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
    const length = Math.hypot(axis[0], axis[1], axis[2]);
    const flat = Math.hypot(axis[0], axis[1]);
    if (!(flat > 1e-3)) continue;
    const [s, az] = [flat / length, axis[2] / length];
    const [ux, uy] = [axis[0] / flat, axis[1] / flat];
    const shades = rampOf(rods.colour[i]);
    const reach = r * Math.abs(az) + 1;
    const [x0, x1] = [Math.min(from[0], to[0]) - r - reach, Math.max(from[0], to[0]) + r + reach];
    const first = Math.max(0, Math.ceil(Math.min(from[1], to[1]) - r - reach));
    const last = Math.min(height - 1, Math.floor(Math.max(from[1], to[1]) + r + reach));
    for (let row = first; row <= last; row++) {
      const dy = row - from[1];
      let [begin, end] = [Math.max(0, Math.ceil(x0)), Math.min(width - 1, Math.floor(x1))];
      if (Math.abs(uy) > 1e-6) {
        const [a, b] = [from[0] + (dy * ux - r) / uy, from[0] + (dy * ux + r) / uy];
        begin = Math.max(begin, Math.ceil(Math.min(a, b)));
        end = Math.min(end, Math.floor(Math.max(a, b)));
      }
      for (let column = begin, pixel = row * width + begin; column <= end; column++, pixel++) {
        const dx = column - from[0];
        const across = dy * ux - dx * uy;
        const square = r * r - across * across;
        if (square < 0) continue;
        const h = Math.sqrt(square);
        const along = (dx * ux + dy * uy + h * az) / s;
        if (along < 0 || along > length) continue;
        const depth = from[2] + along * az + h * s;
        if (depth <= depths[pixel]) continue;
        depths[pixel] = depth;
        const [c, n] = [across / r, h / r];
        const light = lx * (-c * uy - n * az * ux) - ly * (c * ux - n * az * uy) + lz * n * s;
        pixels[pixel] = shades[light > 0 ? (light * (SHADES - 1)) | 0 : 0];
      }
    }
  }
}

/** A cone with tip T, axis a and K = 1 + (r/l)²: (X - T)² = K ((X - T)·a)², with its base a disc. */
function paintCones(raster: Raster, cones: Rods, p: Projection, rampOf: (colour: number) => Uint32Array): void {
  const { width, height, pixels, depths } = raster;
  const [lx, ly, lz] = LIGHT;
  for (let i = 0; i < cones.radius.length; i++) {
    const [base, tip] = [screen(p, cones.ends, 6 * i), screen(p, cones.ends, 6 * i + 3)];
    const r = Math.max(1, cones.radius[i] * p.scale);
    const length = Math.hypot(tip[0] - base[0], tip[1] - base[1], tip[2] - base[2]);
    if (!(length > 1e-3)) continue;
    const [ax, ay, az] = [0, 1, 2].map((c) => (tip[c] - base[c]) / length);
    const slope = 1 + (r / length) ** 2;
    const shades = rampOf(cones.colour[i]);
    const first = Math.max(0, Math.floor(Math.min(tip[1], base[1] - r)));
    const last = Math.min(height - 1, Math.ceil(Math.max(tip[1], base[1] + r)));
    const begin = Math.max(0, Math.floor(Math.min(tip[0], base[0] - r)));
    const end = Math.min(width - 1, Math.ceil(Math.max(tip[0], base[0] + r)));
    for (let row = first; row <= last; row++) {
      const dy = row - tip[1];
      for (let column = begin, pixel = row * width + begin; column <= end; column++, pixel++) {
        const dx = column - tip[0];
        const m = dx * ax + dy * ay;
        const [a, b, c] = [1 - slope * az * az, -slope * az * m, dx * dx + dy * dy - slope * m * m];
        const root = Math.sqrt(b * b - a * c);
        let [depth, light] = [-Infinity, 0];
        for (const z of [(-b + root) / a, (-b - root) / a]) {
          const along = m + z * az;
          if (!(along <= 0 && along >= -length) || !(z > depth)) continue;
          depth = z;
          const [nx, ny, nz] = [dx - slope * along * ax, dy - slope * along * ay, z - slope * along * az];
          light = (lx * nx - ly * ny + lz * nz) / Math.hypot(nx, ny, nz);
        }
        const z = (-length - m) / az;
        if (az < 0 && z > depth && dx * dx + dy * dy + z * z - length * length <= r * r) {
          depth = z;
          light = ly * ay - lx * ax - lz * az;
        }
        if (tip[2] + depth <= depths[pixel] || depth === -Infinity) continue;
        depths[pixel] = tip[2] + depth;
        pixels[pixel] = shades[light > 0 ? (light * (SHADES - 1)) | 0 : 0];
      }
    }
  }
}

/** Pixels right and down and towards the viewer. */
function screen({ rotation: m, scale, left, top }: Projection, p: readonly number[], at: number): [number, number, number] {
  const [x, y, z] = [p[at], p[at + 1], p[at + 2]];
  return [
    left + scale * (m[0] * x + m[1] * y + m[2] * z),
    top - scale * (m[3] * x + m[4] * y + m[5] * z),
    scale * (m[6] * x + m[7] * y + m[8] * z),
  ];
}

/** The shades of a colour, and the rim. */
function ramp(colour: number, rim: number): Uint32Array {
  const channels = [colour >> 16, (colour >> 8) & 255, colour & 255];
  const shades = Uint32Array.from({ length: SHADES + 1 }, (_, k) => {
    const light = k / (SHADES - 1);
    const gloss = 255 * GLOSS * light ** SHARP;
    const [r, g, b] = channels.map((c) => Math.min(255, Math.round(c * (SHADOW + (1 - SHADOW) * light) + gloss)));
    return opaque((r << 16) | (g << 8) | b);
  });
  shades[SHADES] = opaque(rim);
  return shades;
}

/** 0xrrggbb as a canvas has it. */
function opaque(colour: number): number {
  return (0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0;
}

function mean(a: number, b: number): number {
  return (((a ^ b) & 0xfefefefe) >>> 1) + (a & b);
}

function blended(a: number, b: number, part: number): number {
  let out = 0xff000000;
  for (let shift = 0; shift < 24; shift += 8) {
    const from = (a >>> shift) & 255;
    out |= (from + part * (((b >>> shift) & 255) - from)) << shift;
  }
  return out >>> 0;
}
