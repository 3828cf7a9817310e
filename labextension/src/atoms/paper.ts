/** Painted pictures on canvases. The page's stages paint one after the other, so that they share the memory in which they do. */
import { element } from "../dom.ts";
import { type Look, mixed, parse } from "../look.ts";
import type { Projection } from "./camera.ts";
import { packed } from "./colouring.ts";
import { halved, newRaster, paint, type Raster, type Surround } from "./painter.ts";
import type { Layers } from "./picture.ts";

const shared: { first?: Raster; second?: Raster; image?: ImageData } = {};

/**
 * Paints layers over a canvas.
 * @param p the projection onto width times height pixels
 * @param samples pixels painted along each side of one shown: 2 makes edges smooth
 */
export function paintInto(
  canvas: HTMLCanvasElement,
  layers: Layers,
  p: Projection,
  look: Look,
  width: number,
  height: number,
  samples: 1 | 2,
): void {
  const [wide, high] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const pen = canvas.getContext("2d", { alpha: false });
  if (!pen) return;
  const fine = { rotation: p.rotation, scale: samples * p.scale, left: samples * p.left - 0.5, top: samples * p.top - 0.5 };
  shared.first = sized(shared.first, samples * wide, samples * high);
  if (layers.ghost) shared.second = sized(shared.second, samples * wide, samples * high);
  paint(shared.first, layers, fine, surroundOf(look), shared.second);
  if (shared.image?.width !== wide || shared.image.height !== high) shared.image = new ImageData(wide, high);
  const out = new Uint32Array(shared.image.data.buffer);
  if (samples === 1) out.set(shared.first.pixels);
  else halved(shared.first, out);
  pen.putImageData(shared.image, 0, 0);
}

/** Layers on a canvas of their own, with smooth edges. */
export function canvasOf(layers: Layers, p: Projection, look: Look, width: number, height: number): HTMLCanvasElement {
  const canvas = element("canvas");
  paintInto(canvas, layers, p, look, width, height, 2);
  return canvas;
}

/** The rim of balls: dark on light paper, and light enough on dark paper for dark balls to be seen. */
export function rimOf(look: Look): string {
  return look.dark ? mixed(parse(look.paper), parse(look.ink), 0.45) : "#1a1a1a";
}

function surroundOf(look: Look): Surround {
  return { paper: packed(parse(look.paper)), rim: packed(parse(rimOf(look))) };
}

function sized(raster: Raster | undefined, width: number, height: number): Raster {
  return raster?.width === width && raster.height === height ? raster : newRaster(width, height);
}
