/** Stack traces that name the line that the user wrote: each frame in a cell, or in a local file of TypeScript, goes through a source map. */
import { SourceMap, type SourceMapPayload } from "node:module";

/** By the name that V8 gives the code. */
const maps = new Map<string, { readonly shown: string; readonly map: SourceMap }>();

/** Frames of the kernel itself and of Node's own machinery, which say nothing of a cell. */
const OWN = [new URL("../", import.meta.url).href, "node:internal/", "node:vm", "node:async_hooks"];

/**
 * Makes the frames of a cell or file readable.
 * @param name V8's: of a cell `cell[3]`, of a module its URL
 * @param map as JSON; of a cell without the function's first line
 * @param shown what a frame calls it
 */
export function addSourceMap(name: string, map: string, shown: string = name): void {
  if (map !== "") maps.set(name, { shown, map: new SourceMap(JSON.parse(map) as SourceMapPayload) });
}

/** Frames of a stack: V8's ten end within a package often, before the cell that called it. */
const DEEPEST = 100;

/** From now on every `error.stack` of this thread is in the lines of the cells. */
export function readableStacks(): void {
  Error.stackTraceLimit = DEEPEST;
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.map(readable).filter((frame) => !OWN.some((own) => frame.includes(own)));
    return [title(error), ...frames.map((frame) => `    at ${frame}`)].join("\n");
  };
}

function title(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

function readable(site: NodeJS.CallSite): string {
  const name = site.getScriptNameOrSourceURL() ?? "";
  const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0];
  const known = maps.get(name);
  const origin = known?.map.findOrigin(line, column);
  if (known === undefined || origin === undefined || !("lineNumber" in origin)) return String(site);
  return String(site).replace(`${name}:${line}:${column}`, () => `${known.shown}:${origin.lineNumber}:${origin.columnNumber}`);
}
