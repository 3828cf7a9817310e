/** execute_request: cells in their order, each compiled, run, shown and answered before the next. */
import type { Caller } from "../calls.ts";
import type { Language } from "../language/worker.ts";
import type { Bundle, CompiledCell, Failure, Outcome, Parent } from "../threads.ts";
import type { Message, Outgoing } from "../wire/message.ts";
import type { History } from "./history.ts";
import type { Outputs } from "./outputs.ts";

/** Content of an execute_request. */
interface ExecuteRequest {
  readonly code: string;
  readonly silent?: boolean;
  readonly store_history?: boolean;
  readonly user_expressions?: Readonly<Record<string, string>>;
  readonly stop_on_error?: boolean;
}

/** What execution needs of the rest of the loop. */
export interface ExecutionContext {
  readonly language: Caller<Language>;
  readonly outputs: Outputs;
  readonly history: History;
  /** Runs a compiled cell on the main thread. */
  run(cell: CompiledCell, parent: Parent): Promise<Outcome>;
  reply(request: Message, content: Outgoing["content"]): void;
}

/** The queue of cells. */
export interface Executions {
  add(request: Message): void;
  /** Header of the request whose cell runs now. */
  running(): Parent | undefined;
}

/** `name?`: help on a name in the pager, as in IPython; no TypeScript ends so. */
const HELP = /^\s*([\w$.]+)\s*\?\s*$/;

/** An empty queue; cells count from 1. */
export function openExecutions({ language, outputs, history, run, reply }: ExecutionContext): Executions {
  let queue: Message[] = [];
  let running: Parent | undefined;
  let count = 0;

  const evaluate = async (code: string, name: string, parent: Parent, keep: boolean): Promise<Outcome> => {
    const compiled = await language.compile(code, name, keep).catch(refused);
    return "status" in compiled ? compiled : run(compiled, parent);
  };

  const expressions = async (wanted: Readonly<Record<string, string>>, parent: Parent): Promise<Readonly<Record<string, unknown>>> => {
    const found: Record<string, unknown> = {};
    for (const [name, code] of Object.entries(wanted)) {
      const outcome = await evaluate(code, `cell[${name}]`, parent, false);
      found[name] = outcome.status === "ok" ? { status: "ok", data: outcome.data ?? UNDEFINED, metadata: {} } : outcome;
    }
    return found;
  };

  const help = async (code: string): Promise<readonly object[]> => {
    const name = HELP.exec(code)?.[1];
    if (name === undefined) return [];
    const data: Bundle = (await language.inspect(name, name.length)) ?? { "text/plain": `nothing is known of ${name}` };
    return [{ source: "page", data, start: 0 }];
  };

  const execute = async (request: Message): Promise<void> => {
    const {
      code,
      silent = false,
      user_expressions: wanted = {},
      stop_on_error: stops = true,
      ...rest
    } = request.content as unknown as ExecuteRequest;
    const stored = !silent && (rest.store_history ?? true);
    const parent = request.header;
    outputs.status("busy", parent);
    if (stored) count += 1;
    if (!silent) outputs.publish("execute_input", parent, { code, execution_count: count });
    const payload = await help(code);
    const outcome: Outcome = payload.length > 0 ? { status: "ok" } : await evaluate(code, `cell[${count}]`, parent, true);
    if (!silent) show(outcome, parent);
    if (stored) history.add(count, code, outcome.status === "ok" ? String(outcome.data?.["text/plain"] ?? "") : null);
    if (outcome.status === "ok") {
      reply(request, { status: "ok", execution_count: count, payload, user_expressions: await expressions(wanted, parent) });
    } else {
      reply(request, { ...outcome, execution_count: count, payload, user_expressions: {} });
      if (stops) abort();
    }
    outputs.status("idle", parent);
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
      running = request.header;
      await execute(request);
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

/** What TypeScript itself stumbles over fails its cell alone. */
function refused(error: Error): Failure {
  return { status: "error", ename: "InternalError", evalue: error.message.split("\n")[0], traceback: error.message.split("\n") };
}

const UNDEFINED: Bundle = { "text/plain": "undefined" };

const ABORTED: Omit<Failure, "status"> & { readonly status: "aborted" } = {
  status: "aborted",
  ename: "Aborted",
  evalue: "a cell before this one failed",
  traceback: [],
};
