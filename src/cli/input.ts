/** Text files that a command is given. */
import { readFile } from "node:fs/promises";

/**
 * The text of a file.
 * @throws RangeError if it is a folder, which the system's own error does not name; that error for anything else.
 */
export function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EISDIR" ? new RangeError(`${path} is a folder; give a file`) : error;
  });
}
