/** Stack traces that name the cell and the line that the user wrote: each frame in a cell goes through the cell's source map. */
import { SourceMap, type SourceMapPayload } from "node:module";

const maps = new Map<string, SourceMap>();

/** A place in a cell, e.g. `cell[3]:2:15`. */
const PLACE = /(cell\[[^\]]+\]):(\d+):(\d+)/;

/** Frames of the kernel itself and of Node's own machinery, which say nothing of a cell. */
const OWN = [new URL("../", import.meta.url).href, "node:internal/", "node:vm"];

/** Makes the frames of cell `name` readable. @param map as JSON; without the function's first line */
export function addSourceMap(name: string, map: string): void {
  if (map !== "") maps.set(name, new SourceMap(JSON.parse(map) as SourceMapPayload));
}

/** From now on every `error.stack` of this thread is in the lines of the cells. */
export function readableStacks(): void {
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.map(String).filter((frame) => !OWN.some((own) => frame.includes(own)));
    return [title(error), ...frames.map((frame) => `    at ${frame.replace(PLACE, original)}`)].join("\n");
  };
}

function title(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

function original(place: string, name: string, line: string, column: string): string {
  const origin = maps.get(name)?.findOrigin(Number(line), Number(column));
  return origin && "lineNumber" in origin ? `${name}:${origin.lineNumber}:${origin.columnNumber}` : place;
}
