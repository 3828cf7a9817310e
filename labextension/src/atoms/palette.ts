/**
 * Sequential palettes for numbers on atoms: from dark to light, through hues that the colour-blind tell apart, and legible in grey. Each is
 * a few control points with straight lines between them in OKLab (Ottosson, 2020), where equal steps look equal.
 */

import type { Colour } from "../look.ts";
import type { Palette } from "../settings.ts";

type Triple = readonly [number, number, number];

/** Control points at equal distances: lightness, green to red, blue to yellow. */
const POINTS: Record<Palette, readonly Triple[]> = {
  // Violet, blue, teal, green, yellow.
  viridis: [
    [0.29, 0.07, -0.09],
    [0.43, -0.01, -0.095],
    [0.58, -0.08, -0.02],
    [0.74, -0.13, 0.09],
    [0.92, -0.05, 0.185],
  ],
  // Navy, grey, yellow: without green or red.
  cividis: [
    [0.26, -0.01, -0.09],
    [0.43, -0.006, -0.045],
    [0.58, -0.008, 0.01],
    [0.75, -0.02, 0.085],
    [0.92, -0.03, 0.165],
  ],
};

/** A colour of a palette. @param t 0 (least) to 1 (most) */
export function sequential(palette: Palette, t: number): Colour {
  const points = POINTS[palette];
  const at = Math.min(1, Math.max(0, t)) * (points.length - 1);
  const k = Math.min(points.length - 2, Math.floor(at));
  return fromOklab([0, 1, 2].map((c) => points[k][c] + (at - k) * (points[k + 1][c] - points[k][c])) as unknown as Triple);
}

/** OKLab to sRGB, 0 to 255; what no screen shows is cut off. */
function fromOklab([lightness, a, b]: Triple): Colour {
  const [l, m, s] = [
    lightness + 0.3963377774 * a + 0.2158037573 * b,
    lightness - 0.1055613458 * a - 0.0638541728 * b,
    lightness - 0.0894841775 * a - 1.291485548 * b,
  ].map((x) => x ** 3);
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return linear.map((x) => {
    const c = Math.min(1, Math.max(0, x));
    return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
  }) as unknown as Colour;
}
