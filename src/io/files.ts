/** Frames in files: extended XYZ in and out, results as JSON out. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Result } from "../calculators/calculator.ts";
import { formatExtxyz, parseExtxyz } from "./extxyz.ts";
import type { Frame } from "./frame.ts";

/**
 * All frames of an .xyz or .extxyz file, at least one.
 * @throws RangeError if it cannot be read, is of another kind, is malformed (with the line), or is empty.
 */
export async function readFrames(path: string): Promise<Frame[]> {
  return readFramesSync(path);
}

/** The same, read when it returns. */
export function readFramesSync(path: string): Frame[] {
  if (!/^\.(ext)?xyz$/.test(extname(path))) throw new RangeError(`${path} is no kind of file that can be read; give .xyz or .extxyz`);
  const frames = parsed(path, textOf(path));
  if (frames.length === 0) throw new RangeError(`${path} holds no atoms; give a file with at least one frame`);
  return frames;
}

/**
 * Writes frames to an .xyz or .extxyz file, or their results to a .json file; an existing file is replaced.
 * @throws RangeError for another kind of file, or if a frame cannot be written as it is.
 */
export async function writeFrames(path: string, frames: readonly Frame[]): Promise<void> {
  const extension = extname(path);
  if (!/^\.(json|(ext)?xyz)$/.test(extension))
    throw new RangeError(`${path} is no kind of file that can be written; give .extxyz, .xyz or .json`);
  await writeFile(path, extension === ".json" ? formatJson(frames) : formatExtxyz(frames));
}

/**
 * Results as `{frames: [{energy, forces: [[x, y, z]], energies, stress, charges, energySigma, forcesSigma}]}`, absent ones left out.
 * @throws RangeError if one is not finite, which JSON cannot say.
 */
export function formatJson(frames: readonly Frame[]): string {
  const finite = (key: string, value: unknown): unknown => {
    if (typeof value === "number" && !Number.isFinite(value))
      throw new RangeError(`a result contains ${value} (${key}); only finite results are written`);
    return value;
  };
  return `${JSON.stringify({ frames: frames.map(({ result = {} }) => plain(result)) }, finite)}\n`;
}

function plain(result: Partial<Result>): Record<string, unknown> {
  const entries = Object.entries(result).map(([key, value]) => {
    if (typeof value !== "object") return [key, value];
    return [key, key.startsWith("forces") ? rows(value) : [...value]];
  });
  return Object.fromEntries(entries);
}

function rows(flat: Float64Array): number[][] {
  return Array.from({ length: flat.length / 3 }, (_, i) => [...flat.subarray(3 * i, 3 * i + 3)]);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RangeError(code === "ENOENT" ? `there is no file ${path}` : `${path} cannot be read: ${message}`);
  }
}

function parsed(path: string, text: string): Frame[] {
  try {
    return parseExtxyz(text);
  } catch (error) {
    throw new RangeError(`${path}, ${(error as Error).message}`);
  }
}
