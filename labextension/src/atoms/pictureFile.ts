/** The stages of a view with their legend as a PNG, twice as large as on the page. */
import { HUES } from "../../../src/display/svgDocument.ts";
import { element } from "../dom.ts";
import { drawLegend, type Key } from "../legend.ts";
import type { Look } from "../look.ts";
import type { ExportTheme } from "../settings.ts";
import type { Stage } from "../stage.ts";

/** Pixels of the file by one of the page. */
const FACTOR = 2;
/** Around and between, pixels of the page. */
const MARGIN = 10;

/**
 * The picture.
 * @param panels stages side by side, each under its name
 * @throws Error if there is nothing to be seen or the browser makes no PNG
 */
export async function picturePng(panels: readonly { readonly stage: Stage; readonly name: string }[], key: Key, look: Look): Promise<Blob> {
  const drawn = panels.flatMap(({ stage, name }) => {
    const canvas = stage.picture(look, FACTOR);
    return canvas ? [{ canvas, name }] : [];
  });
  if (drawn.length === 0) throw new Error("there is nothing to be seen yet");
  const margin = FACTOR * MARGIN;
  const head = FACTOR * 22;
  const width = drawn.reduce((sum, d) => sum + d.canvas.width + margin, margin);
  const tall = drawn.reduce((most, d) => Math.max(most, d.canvas.height), 0);
  const canvas = element("canvas");
  canvas.width = width;
  let pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  const high = drawLegend(pen, key, look, margin, 0, width - 2 * margin, FACTOR, false);
  canvas.height = head + tall + margin + high + margin;
  pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  pen.fillStyle = look.paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  let left = margin;
  for (const { canvas: own, name } of drawn) {
    pen.fillStyle = look.ink;
    pen.font = `600 ${12 * FACTOR}px ${look.font}`;
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    pen.fillText(name, left, head / 2);
    pen.drawImage(own, left, head);
    left += own.width + margin;
  }
  drawLegend(pen, key, look, margin, head + tall + margin, width - 2 * margin, FACTOR, true);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser made no PNG of the picture"))), "image/png"),
  );
}

/** The page's look, or that of a theme. */
export function exportLook(look: Look, theme: ExportTheme): Look {
  if (theme === "page" || look.dark === (theme === "dark")) return look;
  const dark = theme === "dark";
  return {
    ...look,
    dark,
    paper: dark ? "#111111" : "#ffffff",
    ink: dark ? "#ededed" : "#1a1a1a",
    soft: dark ? "#b4b4b4" : "#595959",
    hues: Object.fromEntries(Object.entries(HUES).map(([hue, pair]) => [hue, pair[dark ? 1 : 0]])) as Look["hues"],
  };
}
