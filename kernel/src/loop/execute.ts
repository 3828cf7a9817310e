/** execute_request: cells in their order, each compiled, run, shown and answered before the next. */
import type { Caller } from "../calls.ts";
import type { Language } from "../language/worker.ts";
import type { Bundle, CompiledCell, Failure, Outcome, Parent } from "../threads.ts";
import { type Content, isDictionary, type Message } from "../wire/message.ts";
import type { History } from "./history.ts";
import { type Outputs, silent as silenced } from "./outputs.ts";

/** Content of an execute_request, with the protocol's defaults. */
interface ExecuteRequest {
  readonly code: string;
  readonly silent: boolean;
  readonly stored: boolean;
  readonly stops: boolean;
  readonly expressions: Content;
}

/** What execution needs of the rest of the loop. */
export interface ExecutionContext {
  readonly language: Caller<Language>;
  readonly outputs: Outputs;
  readonly history: History;
  /** Runs a compiled cell on the main thread. */
  run(cell: CompiledCell, parent: Parent): Promise<Outcome>;
  reply(request: Message, content: Content): void;
}

/** The queue of cells. */
export interface Executions {
  add(request: Message): void;
  /** The request whose cell runs now. */
  running(): Message | undefined;
}

/** What a stack trace calls code that has no number because it is not kept. */
const ASIDE = "cell[aside]";

/** `name?`: help on a name in the pager, with two marks its source as well, as in IPython; no TypeScript ends so. */
const HELP = /^\s*([\w$.]+)\s*(\?\??)\s*$/;

/** An empty queue; cells count from 1. */
export function openExecutions({ language, outputs, history, run, reply }: ExecutionContext): Executions {
  let queue: Message[] = [];
  let running: Message | undefined;
  let count = 0;

  const evaluate = async (code: string, name: string, parent: Parent, keep: boolean): Promise<Outcome> => {
    const compiled = await language.compile(code, name, keep).catch(refused);
    return "status" in compiled ? compiled : run(compiled, parent);
  };

  const answers = async (wanted: Content, parent: Parent): Promise<Content> => {
    const found: Record<string, unknown> = {};
    for (const [name, code] of Object.entries(wanted)) {
      const outcome = await evaluate(String(code), ASIDE, parent, false);
      found[name] = outcome.status === "ok" ? { status: "ok", data: outcome.data ?? UNDEFINED, metadata: {} } : outcome;
    }
    return found;
  };

  const help = async (code: string): Promise<readonly object[]> => {
    const [, name, marks = ""] = HELP.exec(code) ?? [];
    if (name === undefined) return [];
    const data: Bundle = (await language.inspect(name, name.length, marks.length - 1)) ?? { "text/plain": `nothing is known of ${name}` };
    return [{ source: "page", data, start: 0 }];
  };

  const execute = async (request: Message): Promise<void> => {
    const { code, silent, stored, stops, expressions } = read(request.content);
    const { header } = request;
    const parent = silent ? silenced(header) : header;
    if (stored) count += 1;
    if (!silent) outputs.publish("execute_input", header, { code, execution_count: count });
    const payload = await help(code);
    const outcome = payload.length > 0 ? NOTHING : await evaluate(code, stored ? `cell[${count}]` : ASIDE, parent, true);
    if (!silent) show(outcome, header);
    if (stored) history.add(count, code, outcome.status === "ok" ? String(outcome.data?.["text/plain"] ?? "") : null);
    const user_expressions = outcome.status === "ok" ? await answers(expressions, parent) : {};
    // What the cell has printed goes first.
    outputs.flush();
    reply(request, { ...withoutData(outcome), execution_count: count, payload, user_expressions });
    if (stops && outcome.status === "error") abort();
  };

  /** The request's share of the queue: whatever goes wrong in it, the next one has its turn. */
  const turn = async (request: Message): Promise<void> => {
    outputs.status("busy", request.header);
    try {
      await execute(request);
    } catch (error) {
      reply(request, { ...refused(error as Error), execution_count: count, payload: [], user_expressions: {} });
    }
    outputs.status("idle", request.header);
  };

  const show = (outcome: Outcome, parent: Parent): void => {
    if (outcome.status === "error") {
      const { ename, evalue, traceback } = outcome;
      outputs.publish("error", parent, { ename, evalue, traceback });
    } else if (outcome.data) outputs.publish("execute_result", parent, { execution_count: count, data: outcome.data, metadata: {} });
  };

  /** Cells that wait behind one that failed are not run. */
  const abort = (): void => {
    const waiting = queue;
    queue = [];
    for (const request of waiting) {
      outputs.status("busy", request.header);
      reply(request, { ...ABORTED, execution_count: count });
      outputs.status("idle", request.header);
    }
  };

  const work = async (): Promise<void> => {
    for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
      running = request;
      await turn(request);
      running = undefined;
    }
  };

  return {
    add(request) {
      queue.push(request);
      if (running === undefined) work();
    },
    running: () => running,
  };
}

/** @throws TypeError if there is no code, or the expressions are none. */
function read({ code, silent, store_history: stores, stop_on_error: stops, user_expressions: expressions }: Content): ExecuteRequest {
  if (typeof code !== "string") throw new TypeError(`an execute_request needs code, a string; got ${JSON.stringify(code)}`);
  const wanted = expressions ?? {};
  if (!isDictionary(wanted)) throw new TypeError(`user_expressions is ${JSON.stringify(wanted)}; give an object of code by name`);
  return { code, silent: silent === true, stored: silent !== true && stores !== false, stops: stops !== false, expressions: wanted };
}

function withoutData(outcome: Outcome): Content {
  return outcome.status === "ok" ? { status: "ok" } : { ...outcome };
}

/** What TypeScript itself stumbles over fails its cell alone. */
function refused(error: Error): Failure {
  const ename = error.name === "Error" ? "InternalError" : error.name;
  return { status: "error", ename, evalue: error.message.split("\n")[0], traceback: error.message.split("\n") };
}

const NOTHING: Outcome = { status: "ok" };

const UNDEFINED: Bundle = { "text/plain": "undefined" };

const ABORTED: Omit<Failure, "status"> & { readonly status: "aborted" } = {
  status: "aborted",
  ename: "Aborted",
  evalue: "a cell before this one failed",
  traceback: [],
};
