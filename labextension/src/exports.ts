/** Files made of what a view shows: the paper figure of `display` as SVG or PNG, a table as CSV. */
import type { Chart } from "../../src/display/chart.ts";
import { chartBlock } from "../../src/display/svg.ts";
import { type FigureTheme, svgDocument } from "../../src/display/svgDocument.ts";
import { element } from "./dom.ts";

/** Pixels of a PNG by one of the figure: 760 of them make a column of 8.5 cm at 680 dots an inch. */
const SHARPNESS = 3;

/** The figure as an SVG document. */
export function figureSvg(chart: Chart, theme: FigureTheme): string {
  return svgDocument(chart.title, chart.description, [chartBlock(chart)], theme);
}

/** The figure as a PNG. @throws Error if the browser cannot draw it */
export async function figurePng(chart: Chart, theme: FigureTheme): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([figureSvg(chart, theme)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = element("canvas");
    [canvas.width, canvas.height] = [SHARPNESS * image.naturalWidth, SHARPNESS * image.naturalHeight];
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser made no PNG of the figure"))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Gives a file to the reader. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  element("a", { href: address, download: name }).click();
  // Chromium reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A file's name of a title: letters, digits and hyphens. */
export function fileName(title: string, extension: string): string {
  const plain = title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
  return `${plain.slice(0, 80) || "figure"}.${extension}`;
}
