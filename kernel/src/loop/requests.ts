/** What a client may ask besides the running of cells, each with its answer. */
import type { Caller } from "../calls.ts";
import type { Language } from "../language/worker.ts";
import type { Ports } from "../wire/connection.ts";
import { type Content, type Message, PROTOCOL } from "../wire/message.ts";
import type { CommRouter } from "./comms.ts";
import type { History } from "./history.ts";

/** What the answers come from. */
export interface Sources {
  readonly language: Caller<Language>;
  readonly history: History;
  readonly comms: CommRouter;
  readonly ports: Ports;
  readonly version: string;
  interrupt(): void;
}

type Answer = (content: Content) => Content | Promise<Content>;

/** Answers by the request's name without its ending. */
export function answers({ language, history, comms, ports, version, interrupt }: Sources): Readonly<Record<string, Answer>> {
  return {
    kernel_info: () => kernelInfo(version),
    connect: () => ({ ...ports }),
    is_complete: async ({ code }) => ({ ...(await language.isComplete(String(code))) }),
    async complete({ code, cursor_pos: cursor }) {
      const text = String(code);
      const { completions, start, end } = await language.complete(text, toUnits(text, cursor));
      const [from, to] = [toPoints(text, start), toPoints(text, end)];
      const types = completions.map((completion) => ({ ...completion, start: from, end: to }));
      return {
        matches: completions.map((completion) => completion.text),
        cursor_start: from,
        cursor_end: to,
        metadata: { _jupyter_types_experimental: types },
      };
    },
    async inspect({ code, cursor_pos: cursor, detail_level: detail }) {
      const text = String(code);
      const data = await language.inspect(text, toUnits(text, cursor), Number(detail ?? 0));
      return { found: data !== undefined, data: data ?? {}, metadata: {} };
    },
    history: (content) => ({ history: history.find(content) }),
    comm_info: ({ target_name: target }) => ({ comms: comms.info(typeof target === "string" ? target : undefined) }),
    interrupt() {
      interrupt();
      return {};
    },
    // In the words of the debug adapter protocol, which these messages carry.
    debug: ({ seq, command }) => ({ type: "response", request_seq: seq, command, success: false, message: "this kernel has no debugger" }),
    shutdown: ({ restart }) => ({ restart: restart === true }),
  };
}

/** Whether a message of this type is an answer's request. */
export function requested({ type }: Message): string | undefined {
  return /^(.*)_request$/.exec(type)?.[1];
}

function kernelInfo(version: string): Content {
  return {
    protocol_version: PROTOCOL,
    implementation: "qmml",
    implementation_version: version,
    language_info: {
      name: "typescript",
      version: process.versions.node,
      mimetype: "text/typescript",
      file_extension: ".ts",
      pygments_lexer: "typescript",
      codemirror_mode: { name: "javascript", typescript: true },
      nbconvert_exporter: "script",
    },
    banner: `TypeScript (qmml) ${version} on Node ${process.versions.node}`,
    help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
    debugger: false,
    supported_features: [],
  };
}

/** Jupyter counts places in code points, JavaScript in UTF-16 units; without a place the end is meant. */
function toUnits(text: string, points: unknown): number {
  if (typeof points !== "number") return text.length;
  let units = 0;
  for (let i = 0; i < points && units < text.length; i++) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

function toPoints(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}
