/** The loop thread: speaks Jupyter's protocol with the client, and never waits for the main thread. */
import { readFileSync } from "node:fs";
import { MessageChannel, type MessagePort, Worker, workerData } from "node:worker_threads";
import { caller } from "../calls.ts";
import { endChildren } from "../children.ts";
import type { Language, LanguageData } from "../language/worker.ts";
import { log } from "../log.ts";
import type { FromMain, Outcome, ToMain } from "../threads.ts";
import { portsOf, readConnection } from "../wire/connection.ts";
import type { Content, Message } from "../wire/message.ts";
import { bind, type Channel } from "../wire/sockets.ts";
import { openCommRouter } from "./comms.ts";
import { openExecutions } from "./execute.ts";
import { historyFolder, openHistory } from "./history.ts";
import { openInterrupter } from "./interrupt.ts";
import { openOutputs } from "./outputs.ts";
import { answers, requested } from "./requests.ts";
import { openQuestions } from "./stdin.ts";

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

/** ms after which a cell may be one that never ends. */
const LONG = 1000;

const COMM = /^comm_(open|msg|close)$/;

const { port, folder, connectionFile } = workerData as LoopData;
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

const connection = readConnection(connectionFile, log);
const toMain = (message: ToMain): void => port.postMessage(message);
const interrupter = openInterrupter(() => toMain({ kind: "interrupt" }));
const { port1: near, port2: far } = new MessageChannel();
new Worker(new URL("../language/worker.js", import.meta.url), {
  workerData: { port: far, folder } satisfies LanguageData,
  transferList: [far],
}).on("error", fail);

const sockets = await bind(connection, receive);
// Whatever a message brings about, the kernel lives on, and with it what cells have made; thrown inside a socket's callback it would end the process.
process.on("uncaughtException", (error: Error) => log(error.stack ?? error.message));
const language = caller<Language>(near);
const outputs = openOutputs(sockets.publish);
const history = openHistory(historyFolder());
const comms = openCommRouter(folder, outputs, toMain);
const answer = answers({ language, history, comms, ports: portsOf(connection), version, interrupt });
let hearsSignals = false;
/** A thread costs 14 MB, so there is none for signals until one could find the main thread in a loop. */
const hearSignals = (): void => {
  if (hearsSignals) return;
  hearsSignals = true;
  new Worker(new URL("./signals.js", import.meta.url)).on("message", interrupt).on("error", fail);
};

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
    const long = setTimeout(hearSignals, LONG);
    return new Promise((resolve) => {
      running.set(id, (outcome) => {
        clearTimeout(long);
        resolve(outcome);
      });
    });
  },
  reply: (request, content) => void reply("shell", request, "execute_reply", content),
});
const questions = openQuestions({
  current: executions.running,
  send(message) {
    outputs.flush();
    sockets.send("stdin", message);
  },
  toMain,
});

port.on("message", (message: FromMain) => {
  if (message.kind === "done") {
    interrupter.done();
    questions.drop("the cell has ended without waiting for its question; write await input(...)");
    running.get(message.id)?.(message.outcome);
    running.delete(message.id);
  } else if (message.kind === "interrupted") interrupter.heard();
  else if (message.kind === "comm") comms.fromMain(message);
  else if (message.kind === "input") questions.ask(message);
  else if (message.kind === "signal") interrupt();
  else outputs.show(message);
});

outputs.status("starting", {});
if (process.env.JPY_PARENT_PID) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) exit();
  }, ORPHAN_CHECK);
}

function receive(channel: Channel, message: Message): void {
  if (channel === "stdin") {
    if (message.type === "input_reply") questions.answer(message);
  } else if (message.type === "execute_request" && channel === "shell") executions.add(message);
  else handle(channel, message).catch(fail);
}

/** Ends the running cell, if there is one. */
function interrupt(): void {
  if (executions.running() === undefined) return;
  interrupter.interrupt();
  questions.drop("the question was interrupted");
}

function reply(channel: Channel, { identities, header: parent }: Message, type: string, content: Content): Promise<void> {
  return sockets.send(channel, { identities, type, parent, content });
}

async function handle(channel: Channel, message: Message): Promise<void> {
  const { type, header, content } = message;
  const name = requested(message);
  outputs.status("busy", header);
  if (name !== undefined && Object.hasOwn(answer, name)) {
    const found = { status: "ok", ...(await settled(() => answer[name](content))) };
    await reply(channel, message, `${name}_reply`, found);
    if (name === "shutdown") outputs.publish("shutdown_reply", header, found);
  } else if (COMM.test(type)) comms.fromClient(message);
  else log(`${JSON.stringify(type)} on ${channel} is nothing that this kernel answers`);
  outputs.status("idle", header);
  // The client takes the last status for the kernel's, and the cell still runs.
  const cell = executions.running();
  if (cell) outputs.status("busy", cell.header);
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
  setTimeout(() => {
    endChildren();
    process.kill(process.pid, "SIGKILL");
  }, EXIT);
}

function fail(error: Error): void {
  // The process does not end while an inspector is connected to it.
  interrupter.close();
  log(error.stack ?? error.message);
  process.exit(1);
}
