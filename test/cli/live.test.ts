import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WriteStream } from "node:tty";
import { screen } from "../../src/cli/live.ts";

/** What is written to a stream that says of itself that it is such a terminal. */
function paper(kind: { isTTY?: boolean; rows?: number; columns?: number }): { stream: WriteStream; text(): string } {
  let text = "";
  const write = (more: string): void => {
    text += more;
  };
  const stream = { ...kind, write } as unknown as WriteStream;
  return { stream, text: () => text };
}
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 110));
const UP = (lines: number): string => `\x1b[${lines}A\x1b[J`;

describe("the screen", () => {
  it("rewrites the block in place, lets lines that stay pass above it, and leaves the last one", async () => {
    const { stream, text } = paper({ isTTY: true, rows: 10, columns: 40 });
    const { print, live } = screen(stream);
    print("begin");
    live(["a 1", "b 1"]);
    print("kept");
    await pause();
    live(["a 2", "b 2"]);
    live(["a 3", "b 3"], true);
    print("end");
    assert.equal(text(), `begin\na 1\nb 1\n${UP(2)}kept\na 1\nb 1\n${UP(2)}a 2\nb 2\n${UP(2)}a 3\nb 3\nend\n`);
  });

  it("draws ten times a second at most", () => {
    const { stream, text } = paper({ isTTY: true, rows: 10, columns: 40 });
    const { live } = screen(stream);
    const began = performance.now();
    for (let k = 0; k < 100; k++) live([`${k}`]);
    const drawn = text().match(/\d+\n/g) ?? [];
    assert.equal(drawn[0], "0\n");
    assert.ok(drawn.length <= 1 + (performance.now() - began) / 100, `${drawn.length} times`);
  });

  it("cuts what would not fit, also where the size is not known", () => {
    for (const [size, most] of [
      [{ rows: 3, columns: 4 }, "abcd\nabcd\n"],
      [{ rows: 0, columns: 0 }, "abcdef\n".repeat(4)],
    ] as const) {
      const { stream, text } = paper({ isTTY: true, ...size });
      screen(stream).live(Array.from({ length: 4 }, () => "abcdef"));
      assert.equal(text(), most);
    }
  });

  it("writes no escape sequences to a file, and only the last block", () => {
    const { stream, text } = paper({});
    const { print, live } = screen(stream);
    live(["a 1"]);
    print("kept");
    live(["a 2"], true);
    assert.equal(text(), "kept\na 2\n");
  });
});
