/** `-o OUT`: refused before the work if it could not be written after it. */
import { access, constants, stat } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { UsageError } from "./command.ts";

/** What an output file holds, by the end of its name. */
export type OutputFormat = "json" | "extxyz";

/**
 * The format of `path`, once it is clear that a file can be written there.
 * @throws UsageError if the name ends neither in .json nor in .xyz or .extxyz.
 * @throws RangeError if the folder is missing or not writable, or `path` is a folder.
 */
export async function checkOutput(path: string): Promise<OutputFormat> {
  const ending = extname(path).toLowerCase();
  if (![".json", ".xyz", ".extxyz"].includes(ending)) throw new UsageError(`-o ${path}: the name must end in .xyz, .extxyz or .json`);
  await checkPlace(path);
  return ending === ".json" ? "json" : "extxyz";
}

/**
 * Makes sure that a file can be written at `path`.
 * @throws RangeError if the folder is missing or not writable, or `path` is a folder.
 */
export async function checkPlace(path: string): Promise<void> {
  const folder = dirname(path);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new RangeError(`there is no folder ${folder} to write ${path} into; make it first`);
  await access(folder, constants.W_OK).catch(() => {
    throw new RangeError(`the folder ${folder} cannot be written to; choose another place for ${path}`);
  });
  if ((await stat(path).catch(() => undefined))?.isDirectory()) throw new RangeError(`${path} is a folder; give the name of a file`);
}
