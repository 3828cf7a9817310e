import assert from "node:assert/strict";
import { test } from "node:test";
import { isComplete } from "../../kernel/src/language/isComplete.ts";
import { openHistory } from "../../kernel/src/loop/history.ts";
import { decode, encode } from "../../kernel/src/wire/message.ts";

const bytes = (frames: readonly (string | Uint8Array)[]): Uint8Array[] => frames.map((frame) => Buffer.from(frame));

test("a message comes back from its frames, with identities and buffers", () => {
  const sent = { identities: ["a", "b"], type: "comm_msg", parent: { msg_id: "p" }, content: { x: [1] }, buffers: [Uint8Array.of(1, 2)] };
  const { identities, type, content, buffers } = decode("key", bytes(encode("key", sent)));
  assert.deepEqual(identities.map(String), ["a", "b"]);
  assert.equal(type, "comm_msg");
  assert.deepEqual(content, { x: [1] });
  assert.deepEqual(buffers, [Buffer.of(1, 2)]);
});

test("a message is refused with another key, another content, without parts", () => {
  const frames = bytes(encode("key", { type: "t", parent: {}, content: { a: 1 } }));
  assert.throws(() => decode("other", frames), /signature/);
  const changed = frames.with(5, Buffer.from('{"a":2}'));
  assert.throws(() => decode("key", changed), /signature/);
  assert.throws(() => decode("key", frames.with(1, Buffer.from(""))), /signature/);
  assert.throws(() => decode("key", frames.slice(0, 4)), /parts/);
  // Without a key nothing is signed.
  assert.deepEqual(decode("", bytes(encode("", { type: "t", parent: {}, content: { a: 1 } }))).content, { a: 1 });
});

test("what was typed is complete, may go on, or is wrong", () => {
  assert.deepEqual(isComplete("await f(1)"), { status: "complete" });
  assert.deepEqual(isComplete("  if (a) {"), { status: "incomplete", indent: "    " });
  assert.deepEqual(isComplete("const a = `x\n  y"), { status: "incomplete", indent: "  " });
  assert.deepEqual(isComplete("const a b"), { status: "invalid" });
});

test("history: range, tail, search", () => {
  const history = openHistory();
  for (const [i, input] of ["a = 1", "b", "a = 1", "a.b"].entries()) history.add(i + 1, input, i === 1 ? "2" : null);
  const lines = (request: Parameters<typeof history.find>[0]): number[] => history.find(request).map(([, line]) => line);
  assert.deepEqual(history.find({ hist_access_type: "range", start: 2, stop: 3, output: true }), [[1, 2, ["b", "2"]]]);
  assert.deepEqual(lines({ hist_access_type: "range", session: -1 }), []);
  assert.deepEqual(lines({ hist_access_type: "tail", n: 2 }), [3, 4]);
  assert.deepEqual(lines({ hist_access_type: "search", pattern: "a*" }), [1, 3, 4]);
  assert.deepEqual(lines({ hist_access_type: "search", pattern: "a*", unique: true }).length, 2);
  assert.deepEqual(lines({ hist_access_type: "search", pattern: "a.?" }), [4]);
});
