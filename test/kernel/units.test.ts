import assert from "node:assert/strict";
import { appendFileSync, chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { installTimers } from "../../kernel/src/host/timers.ts";
import { isComplete } from "../../kernel/src/language/isComplete.ts";
import { historyFolder, openHistory } from "../../kernel/src/loop/history.ts";
import { openQuestions } from "../../kernel/src/loop/stdin.ts";
import type { InputReply } from "../../kernel/src/threads.ts";
import { readConnection } from "../../kernel/src/wire/connection.ts";
import { decode, encode, type Message, type Outgoing } from "../../kernel/src/wire/message.ts";
import { openReplays } from "../../kernel/src/wire/replays.ts";
import { folder } from "../cli/qmml.ts";
import { fc } from "../properties.ts";

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

test("a signature is new once, and an old one is forgotten only after many others", () => {
  const isNew = openReplays(3);
  assert.deepEqual(["a", "b", "a", "c", "b"].map(isNew), [true, true, false, true, false]);
  assert.deepEqual(["d", "a", "d"].map(isNew), [true, true, false]);
  const frames = bytes(encode("key", { type: "t", parent: {}, content: {} }));
  const first = openReplays();
  decode("key", frames, first);
  assert.throws(() => decode("key", frames, first), /came before/);
});

test("whatever comes as frames is a message or an Error, and nothing else", () => {
  const part = fc.oneof(
    fc.constantFrom("<IDS|MSG>", "{}", "[]", "null", '{"msg_type":1}', '{"msg_type":"t","msg_id":"i"}', ""),
    fc.json().map(String),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
      try {
        const { type, header, content } = decode("", bytes(parts));
        assert.equal(typeof type, "string");
        assert.ok(![header, content].some((dictionary) => Array.isArray(dictionary) || typeof dictionary !== "object"));
      } catch (error) {
        assert.match((error as Error).message, /^a message /);
      }
    }),
  );
});

/** A connection file with these contents and rights. */
function connectionFile(changes: object, mode = 0o600): string {
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  const path = join(folder(), "connection.json");
  writeFileSync(
    path,
    JSON.stringify({ transport: "tcp", ip: "127.0.0.1", ...ports, key: "k", signature_scheme: "hmac-sha256", ...changes }),
  );
  chmodSync(path, mode);
  return path;
}

test("a connection file that others can read is told of, one that others can write is refused", () => {
  const said: string[] = [];
  const read = (changes: object, mode?: number): string => readConnection(connectionFile(changes, mode), (line) => said.push(line)).key;
  assert.equal(read({}), "k");
  assert.equal(read({ key: "" }, 0o644), "");
  assert.deepEqual(said, []);
  assert.equal(read({}, 0o644), "k");
  assert.match(said[0], /^others can read .* \(mode \.\.44\).*chmod 600/);
  assert.throws(() => read({}, 0o620), /others can write .* \(mode \.\.20\).*chmod 600/);
  process.env.JUPYTER_ALLOW_INSECURE_WRITES = "true";
  try {
    assert.equal(read({}, 0o666), "k");
  } finally {
    delete process.env.JUPYTER_ALLOW_INSECURE_WRITES;
  }
});

test("a connection file that cannot be served is refused with one sentence", () => {
  for (const [changes, message] of [
    [{ signature_scheme: "hmac-md5" }, /hmac-md5.*hmac-sha256/],
    [{ key: undefined }, /has no key; an empty one/],
    [{ transport: "udp" }, /udp.*tcp and ipc/],
    [{ stdin_port: "5" }, /stdin_port/],
    [{ hb_port: 0 }, /hb_port 0/],
  ] as const)
    assert.throws(() => readConnection(connectionFile(changes), () => {}), message);
  const path = connectionFile({});
  writeFileSync(path, "{");
  assert.throws(() => readConnection(path, () => {}), /is no connection file/);
});

type Found = ReturnType<ReturnType<typeof openHistory>["find"]>;
const lines = (found: Found): number[] => found.map(([, line]) => line);

test("history: range, tail, search", () => {
  const history = openHistory();
  for (const [i, input] of ["a = 1", "b", "a = 1", "a.b"].entries()) history.add(i + 1, input, i === 1 ? "2" : null);
  assert.deepEqual(history.find({ hist_access_type: "range", start: 2, stop: 3, output: true }), [[1, 2, ["b", "2"]]]);
  assert.deepEqual(lines(history.find({ hist_access_type: "range", session: 0, start: 3, stop: null })), [3, 4]);
  assert.deepEqual(history.find({ hist_access_type: "range", session: -1 }), []);
  assert.deepEqual(lines(history.find({ hist_access_type: "tail", n: 2 })), [3, 4]);
  assert.deepEqual(history.find({ hist_access_type: "tail", n: 0 }), []);
  const search = (pattern: string, rest: object = {}): number[] => lines(history.find({ hist_access_type: "search", pattern, ...rest }));
  assert.deepEqual(search("a*"), [1, 3, 4]);
  assert.deepEqual(search("a*", { unique: true }), [3, 4]);
  assert.deepEqual(search("a*", { n: 1 }), [4]);
  assert.deepEqual(search("a.?"), [4]);
  assert.throws(() => history.find({ hist_access_type: "all" }), /"all".*"range", "tail" and "search"/);
});

test("history goes over sessions, each of which has a file of its own", () => {
  const place = join(folder(), "data", "history");
  const first = openHistory(place);
  first.add(1, "one", "1");
  // Two that begin at the same moment.
  const [second, third] = [openHistory(place), openHistory(place)];
  second.add(1, "two", null);
  third.add(1, "three", null);
  first.add(2, "x".repeat(3), "y".repeat(50_000));
  assert.deepEqual(readdirSync(place).sort(), ["1.jsonl", "2.jsonl", "3.jsonl"]);
  assert.equal(statSync(join(place, "1.jsonl")).mode & 0o777, 0o600);
  assert.equal(statSync(place).mode & 0o777, 0o700);
  // What a kernel that was killed has half written.
  appendFileSync(join(place, "2.jsonl"), '[2,"tw');
  const fourth = openHistory(place);
  fourth.add(1, "four", null);
  assert.deepEqual(fourth.find({ hist_access_type: "tail", n: 3 }), [
    [2, 1, "two"],
    [3, 1, "three"],
    [4, 1, "four"],
  ]);
  assert.deepEqual(fourth.find({ hist_access_type: "range", session: -3, start: 1, stop: 2, output: true }), [[1, 1, ["one", "1"]]]);
  assert.deepEqual(lines(fourth.find({ hist_access_type: "range", session: 1 })), [1, 2]);
  assert.deepEqual(fourth.find({ hist_access_type: "search", pattern: "t*", unique: true }).length, 2);
  const [[, , kept]] = fourth.find({ hist_access_type: "search", pattern: "xxx", output: true });
  assert.equal(kept[1]?.length, 10_001);
});

test("history without a folder that can be written is that of this session", () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  const history = openHistory(join(file, "history"));
  history.add(1, "a", null);
  assert.deepEqual(history.find({ hist_access_type: "tail" }), [[1, 1, "a"]]);
  assert.equal(historyFolder({ QMML_HISTORY: "" }), undefined);
  assert.equal(historyFolder({ QMML_HISTORY: "/x" }), "/x");
  assert.equal(historyFolder({ XDG_DATA_HOME: "/d" }), "/d/qmml/history");
});

test("a question goes to the client of its cell, one at a time; what answers no open question is dropped", () => {
  const client = [Buffer.from("one")];
  const request = { identities: client, header: { msg_id: "cell" }, content: { allow_stdin: true } } as unknown as Message;
  const [sent, replies]: [Outgoing[], InputReply[]] = [[], []];
  const questions = openQuestions({ current: () => request, send: (m) => sent.push(m), toMain: (r) => replies.push(r) });
  const ask = (id: number, cell = "cell"): void => {
    questions.ask({ kind: "input", id, prompt: `p${id}`, password: id === 2, parent: { msg_id: cell } });
  };
  const answer = (value: unknown, parent: object = {}, identities: readonly Uint8Array[] = client): void =>
    questions.answer({ identities, parent, content: { value } } as unknown as Message);

  answer("nobody asked");
  ask(1);
  ask(2);
  assert.deepEqual([sent.length, sent[0].content, sent[0].identities], [1, { prompt: "p1", password: false }, client]);
  answer("another client's", {}, [Buffer.from("two")]);
  answer("another question's", { msg_id: "gone" });
  answer("first", { msg_id: sent[0].id });
  assert.deepEqual(sent[1].content, { prompt: "p2", password: true });
  // A second answer to the first question must not be taken for one to the second.
  answer("first again", { msg_id: sent[0].id });
  answer("second");
  assert.deepEqual(replies, [
    { kind: "input-reply", id: 1, value: "first" },
    { kind: "input-reply", id: 2, value: "second" },
  ]);
  ask(3);
  questions.drop("interrupted");
  answer("late");
  ask(4, "a cell before");
  assert.deepEqual(
    replies.slice(2).map(({ id, error }) => [id, error?.slice(0, 11)]),
    [
      [3, "interrupted"],
      [4, "the cell th"],
    ],
  );
});

test("timers of cells keep Node's order, parameters and object, and the surroundings in which they were set", async () => {
  const native = { setTimeout, setInterval, setImmediate };
  let cell = 1;
  installTimers((callback) => {
    const here = cell;
    return function (...parameters) {
      callback.call(this, here, ...parameters);
    };
  });
  try {
    const seen: unknown[] = [];
    const gone = await new Promise((resolve) => {
      const cancelled = setTimeout(() => seen.push("cancelled"), 2);
      const timer = setTimeout(
        function (this: unknown, ...parameters: unknown[]) {
          seen.push(this === timer, ...parameters);
          clearTimeout(cancelled);
        },
        1,
        "a",
        "b",
      );
      setTimeout(resolve, 10);
      cell = 2;
    });
    assert.deepEqual([seen, gone], [[true, 1, "a", "b"], 1]);
    assert.equal(await promisify(setTimeout)(1, "value"), "value");
    assert.equal(await promisify(setImmediate)("now"), "now");
    assert.throws(() => setTimeout("code" as never, 1), /callback/);
  } finally {
    Object.assign(globalThis, native);
  }
});
