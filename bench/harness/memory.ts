/** How much memory a process came to hold. */
import { readFileSync } from "node:fs";

/** KiB, of the address space that the program itself began with. */
const HIGHEST = /^VmHWM:\s*(\d+) kB$/m;

/**
 * Highest resident size of this process so far, bytes. Where there is `/proc` it is read there: what `getrusage` says begins, on Linux, with
 * that of the process which started this one.
 */
export function peakMemory(): number {
  try {
    const [, kib] = HIGHEST.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kib !== undefined) return 1024 * Number(kib);
  } catch {
    // Not Linux.
  }
  return 1024 * process.resourceUsage().maxRSS;
}
