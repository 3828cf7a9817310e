/** The loop thread: speaks Jupyter's protocol with the client, and never waits for the main thread. */
import { readFileSync } from "node:fs";
import { MessageChannel, type MessagePort, Worker, workerData } from "node:worker_threads";
import { caller } from "../calls.ts";
import type { Language, LanguageData } from "../language/worker.ts";
import type { FromMain, InputRequest, Outcome, ToMain } from "../threads.ts";
import { readConnection } from "../wire/connection.ts";
import type { Message } from "../wire/message.ts";
import { bind, type Channel } from "../wire/sockets.ts";
import { openCommRouter } from "./comms.ts";
import { openExecutions } from "./execute.ts";
import { openHistory } from "./history.ts";
import { openInterrupter } from "./interrupt.ts";
import { openOutputs } from "./outputs.ts";
import { answers, requested } from "./requests.ts";

/** What the loop thread is given. */
export interface LoopData {
  /** To the main thread. */
  readonly port: MessagePort;
  /** The notebook's folder. */
  readonly folder: string;
  readonly connectionFile: string;
}

/** ms between two looks whether the client that started the kernel is still there. */
const ORPHAN_CHECK = 1000;

/** ms after which a main thread that does not end by itself is ended. */
const EXIT = 500;

const { port, folder, connectionFile } = workerData as LoopData;
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

const toMain = (message: ToMain): void => port.postMessage(message);
const { port1: questions, port2: far } = new MessageChannel();
new Worker(new URL("../language/worker.js", import.meta.url), {
  workerData: { port: far, folder } satisfies LanguageData,
  transferList: [far],
}).on("error", fail);

const sockets = await bind(readConnection(connectionFile), receive);
const language = caller<Language>(questions);
const outputs = openOutputs(sockets.publish);
const history = openHistory();
const comms = openCommRouter(folder, outputs, toMain);
const interrupter = openInterrupter(() => toMain({ kind: "interrupt" }));
const answer = answers({
  language,
  history,
  comms,
  version,
  interrupt: () => {
    if (executions.running()) interrupter.interrupt();
  },
});

const running = new Map<number, (outcome: Outcome) => void>();
let last = 0;
const executions = openExecutions({
  language,
  outputs,
  history,
  run(cell, parent) {
    last += 1;
    const id = last;
    toMain({ kind: "run", id, cell, parent });
    return new Promise((resolve) => running.set(id, resolve));
  },
  reply: (request, content) => void sockets.reply("shell", request, "execute_reply", content),
});

port.on("message", (message: FromMain) => {
  if (message.kind === "done") {
    interrupter.done();
    running.get(message.id)?.(message.outcome);
    running.delete(message.id);
  } else if (message.kind === "interrupted") interrupter.heard();
  else if (message.kind === "comm") comms.fromMain(message);
  else if (message.kind === "input") ask(message);
  else outputs.show(message);
});

outputs.status("starting", {});
if (process.env.JPY_PARENT_PID) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) exit();
  }, ORPHAN_CHECK);
}

function ask({ id }: InputRequest): void {
  toMain({ kind: "input-reply", id, error: "this client cannot be asked for input; give the value in the cell" });
}

function receive(channel: Channel, message: Message): void {
  if (message.type === "execute_request") executions.add(message);
  else handle(channel, message).catch(fail);
}

async function handle(channel: Channel, message: Message): Promise<void> {
  const { type, header, content } = message;
  const name = requested(message);
  outputs.status("busy", header);
  if (name !== undefined && Object.hasOwn(answer, name)) {
    const reply = { status: "ok", ...(await settled(() => answer[name](content))) };
    await sockets.reply(channel, message, `${name}_reply`, reply);
    if (name === "shutdown") outputs.publish("shutdown_reply", header, reply);
  } else if (type.startsWith("comm_")) comms.fromClient(message);
  outputs.status("idle", header);
  // The client takes the last status for the kernel's, and the cell still runs.
  const cell = executions.running();
  if (cell) outputs.status("busy", cell);
  if (name === "shutdown") await exit();
}

/** A question that TypeScript cannot answer must not end the kernel. */
async function settled(ask: () => unknown): Promise<object> {
  try {
    return (await ask()) as object;
  } catch (error) {
    const { name, message, stack = "" } = error as Error;
    return { status: "error", ename: name, evalue: message, traceback: stack.split("\n") };
  }
}

async function exit(): Promise<void> {
  await sockets.close();
  interrupter.close();
  toMain({ kind: "exit" });
  setTimeout(() => process.kill(process.pid, "SIGKILL"), EXIT);
}

function fail(error: Error): void {
  throw error;
}
