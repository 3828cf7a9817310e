/** Lines for the reader, some to keep and a block that is rewritten in place on a terminal while the work goes on. */
import type { WriteStream } from "node:tty";

/** Where lines go. */
export interface Screen {
  /** A line that stays; it stands above the block. */
  print(line: string): void;
  /** The block's present lines in place of those before; with `last` they stay. Where the stream is no terminal only the last are written. */
  live(lines: readonly string[], last?: boolean): void;
}

/** ms between two drawings. */
const PAUSE = 100;

/** Escape sequences: to the first column some lines up, and all below erased. */
const erase = (height: number): string => (height > 0 ? `\x1b[${height}A\x1b[J` : "");

/** Lines on a stream. */
export function screen(stream: WriteStream): Screen {
  let block: readonly string[] = [];
  let drawn = Number.NEGATIVE_INFINITY;
  const write = (above: readonly string[], below: readonly string[]): void => {
    stream.write(`${erase(block.length)}${[...above, ...below].map((line) => `${line}\n`).join("")}`);
    block = below;
  };
  return {
    print: (line) => write([line], block),
    live(lines, last = false) {
      const now = performance.now();
      if (last) write(lines, []);
      else if (stream.isTTY && now - drawn >= PAUSE) {
        // A block higher than the screen, or with broken lines, could not be gone back over. Some terminals give their size as 0 x 0.
        const [rows, columns] = [stream.rows || 24, stream.columns || 80];
        write(
          [],
          lines.slice(0, rows - 1).map((line) => line.slice(0, columns)),
        );
        drawn = now;
      }
    },
  };
}
