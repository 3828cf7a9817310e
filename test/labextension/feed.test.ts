/** Following a study by its comm, through restarts, lost connections and kernels that know nothing of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, type Held, type Listener } from "../../labextension/src/feed.ts";

type SessionContext = Parameters<typeof follow>[0];

/** A session with one kernel, as far as a feed uses it; what is opened is kept in `opened`. */
function session(): {
  context: SessionContext;
  kernel: { status: string; connectionStatus: string };
  opened: Comm[];
  say: (signal: string, value?: string) => void;
} {
  const opened: Comm[] = [];
  const slots: Record<string, ((sender: unknown, value?: string) => void)[]> = {};
  const signal = (name: string): object => {
    slots[name] = [];
    return {
      connect: (slot: () => void) => slots[name].push(slot),
      disconnect: (slot: () => void) => slots[name].splice(slots[name].indexOf(slot), 1),
    };
  };
  const kernel = {
    handleComms: true,
    status: "idle",
    connectionStatus: "connected",
    createComm: () => {
      const comm: Comm = {
        isDisposed: false,
        onMsg: () => {},
        onClose: () => {},
        open: (data) => opened.push(Object.assign(comm, { data, sent: [] })),
        send: (data) => comm.sent?.push(data),
        close: () => ({ done: Promise.resolve() }),
      };
      return comm;
    },
  };
  const context = {
    session: { kernel },
    kernelChanged: signal("kernel"),
    statusChanged: signal("status"),
    connectionStatusChanged: signal("connection"),
  } as unknown as SessionContext;
  const say = (name: string, value?: string): void => {
    for (const slot of [...slots[name]]) slot(context, value);
  };
  return { context, kernel, opened, say };
}

interface Comm {
  isDisposed: boolean;
  data?: unknown;
  onMsg: (message: { content: { data: unknown }; buffers?: ArrayBuffer[] }) => void;
  onClose: () => void;
  open(data: unknown): void;
  /** What was sent after the opening. */
  sent?: unknown[];
  send(data: unknown): void;
  close(): { done: Promise<void> };
}

/** A listener that takes what continues its rows. */
function listener(): Listener & { rows: number; log: string[] } {
  const self = {
    rows: 2,
    log: [] as string[],
    held: (): Held => ({ sequence: 10 + self.rows, tables: { steps: self.rows } }),
    take: (_: number, state: string, parts: readonly { from: number; ipc: Uint8Array }[]): boolean => {
      for (const { from, ipc } of parts) {
        if (from > self.rows) return false;
        self.rows = from + ipc.length;
      }
      self.log.push(state);
      return true;
    },
    connected: (connection: string, problem?: string): void => void self.log.push(problem ?? connection),
  };
  return self;
}

const STUDY = { id: "a", path: "studies/a" };
const rows = (from: number, n: number, more: object = {}): { content: { data: unknown }; buffers: ArrayBuffer[] } => ({
  content: { data: { sequence: 99, state: "running", tables: [{ name: "steps", from }], ...more } },
  buffers: [new ArrayBuffer(n)],
});

test("a feed tells what it holds, takes rows, and ends", () => {
  const { context, opened, say } = session();
  const own = listener();
  const feed = follow(context, STUDY, own);
  assert.deepEqual(opened[0].data, { path: "studies/a", sequence: 12, tables: { steps: 2 } });
  opened[0].onMsg(rows(2, 3));
  opened[0].onMsg({ content: { data: { sequence: 100, state: "finished", ended: true } } });
  opened[0].onClose();
  say("status", "idle");
  assert.deepEqual([own.rows, own.log, opened.length], [5, ["running", "live", "finished", "ended"], 1]);
  feed.dispose();
});

test("after a restart it goes on from what it holds", () => {
  const { context, kernel, opened, say } = session();
  const own = listener();
  const feed = follow(context, STUDY, own);
  opened[0].onMsg(rows(2, 3));
  kernel.status = "restarting";
  say("status", "restarting");
  opened[0].onMsg(rows(0, 9));
  kernel.status = "idle";
  say("status", "idle");
  assert.deepEqual(opened[1].data, { path: "studies/a", sequence: 15, tables: { steps: 5 } });
  say("connection", "disconnected");
  say("connection", "connected");
  assert.deepEqual([opened.length, own.log], [3, ["running", "live", "waiting", "waiting"]]);
  feed.dispose();
  say("kernel");
  assert.equal(opened.length, 3);
});

test("rows that do not continue what is held are asked for again", async () => {
  const { context, opened } = session();
  const own = listener();
  const feed = follow(context, STUDY, own);
  opened[0].onMsg(rows(7, 1));
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.deepEqual([own.rows, own.log, opened.length], [2, ["waiting"], 2]);
  feed.dispose();
});

test("a kernel that does not know studies, or says why it cannot, is asked once", () => {
  for (const error of [undefined, "studies/a holds no study"]) {
    const { context, opened, say } = session();
    const own = listener();
    const feed = follow(context, STUDY, own);
    if (error) opened[0].onMsg({ content: { data: { error } } });
    opened[0].onClose();
    say("status", "idle");
    assert.deepEqual([opened.length, own.log], [1, [error ?? "waiting"]]);
    say("kernel");
    assert.equal(opened.length, 2);
    feed.dispose();
  }
});

test("a request is answered, or refused in the kernel's words, one at a time", async () => {
  const { context, opened } = session();
  const feed = follow(context, STUDY, listener());
  const [comm] = opened;
  const stopping = feed.ask("stop");
  await assert.rejects(feed.ask("resume"), { message: "The kernel has been asked already." });
  assert.deepEqual(comm.sent, [{ request: "stop" }]);
  comm.onMsg({ content: { data: { request: "stop", ok: true } } });
  await stopping;
  const again = feed.ask("stop");
  comm.onMsg({ content: { data: { request: "stop", ok: false, error: "the study a is not running" } } });
  await assert.rejects(again, { message: "the study a is not running" });
  feed.dispose();
});

test("a feed that has ended begins anew with a request", async () => {
  const { context, opened } = session();
  const feed = follow(context, STUDY, listener());
  opened[0].onMsg({ content: { data: { sequence: 12, state: "stopped", ended: true } } });
  opened[0].onClose();
  const resuming = feed.ask("resume");
  assert.deepEqual([opened.length, opened[1].sent], [2, [{ request: "resume" }]]);
  opened[1].onMsg({ content: { data: { request: "resume", ok: true } } });
  await resuming;
  feed.dispose();
});

test("without a kernel, and when it goes away, a request says so", async () => {
  const { context, kernel, opened, say } = session();
  const feed = follow(context, STUDY, listener());
  const asked = feed.ask("stop");
  kernel.status = "restarting";
  say("status", "restarting");
  await assert.rejects(asked, /lost before it answered/);
  await assert.rejects(feed.ask("stop"), /There is no kernel/);
  assert.equal(opened.length, 1);
  feed.dispose();
});
