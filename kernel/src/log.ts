/** Lines for whoever started the kernel. Not by `process.stderr`, which belongs to the cells. */
import { writeSync } from "node:fs";

const STDERR = 2;

/** One line on the process's own stderr. */
export function log(line: string): void {
  writeSync(STDERR, `qmml kernel: ${line}\n`);
}
