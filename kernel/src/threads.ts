/**
 * What the kernel's three threads say to each other. The main thread runs cells and nothing else; the loop thread holds the sockets and
 * answers while a cell computes; the language thread, which the loop starts, holds TypeScript. All of it travels by structured clone.
 */

/** Data by MIME type; types that end in json carry objects, all others strings. */
export type Bundle = Readonly<Record<string, unknown>>;

/** What a message was caused by: the header of a request, passed through unread. */
export type Parent = Readonly<Record<string, unknown>>;

/** A cell as the language thread makes it and the main thread runs it. */
export interface CompiledCell {
  /** Name in stack traces, `cell[3]`. */
  readonly name: string;
  /** JavaScript: a function expression of (runtime, require); its first line is the kernel's own. */
  readonly code: string;
  /** Source map of `code` from its second line on, as JSON. */
  readonly map: string;
  /** Variables of the notebook that the cell declares. */
  readonly slots: readonly string[];
  /** Modules to be loaded before it runs. */
  readonly modules: readonly string[];
  /** Whether the function is async. */
  readonly waits: boolean;
}

/** A failed cell in Jupyter's words. */
export interface Failure {
  readonly status: "error";
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/** How a cell ended; `data` if its last value is to be shown. */
export type Outcome = { readonly status: "ok"; readonly data?: Bundle } | Failure;

/** An open, message or close of a comm, either way. */
export interface CommMessage {
  readonly kind: "comm";
  readonly type: "comm_open" | "comm_msg" | "comm_close";
  readonly content: { readonly comm_id: string; readonly target_name?: string; readonly data: unknown };
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
  readonly parent: Parent;
}

/** From the loop to the main thread. */
export type ToMain =
  | { readonly kind: "run"; readonly id: number; readonly cell: CompiledCell; readonly parent: Parent }
  | { readonly kind: "interrupt" }
  | { readonly kind: "exit" }
  | InputReply
  | CommMessage;

/** A question of a cell to whoever asked for the cell; `id` is the main thread's, and comes back with the answer. */
export interface InputRequest {
  readonly kind: "input";
  readonly id: number;
  readonly prompt: string;
  /** Not to be shown while it is typed. */
  readonly password: boolean;
  readonly parent: Parent;
}

/** What was answered, or the one sentence that says why nothing was. */
export interface InputReply {
  readonly kind: "input-reply";
  readonly id: number;
  readonly value?: string;
  readonly error?: string;
}

/** What a cell shows while it runs, and what the loop publishes for it. */
export type Output =
  | { readonly kind: "stream"; readonly name: "stdout" | "stderr"; readonly text: string; readonly parent: Parent }
  | {
      readonly kind: "display";
      readonly data: Bundle;
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly displayId?: string;
      readonly update: boolean;
      readonly parent: Parent;
    }
  | { readonly kind: "clear"; readonly wait: boolean; readonly parent: Parent };

/** From the main thread to the loop. */
export type FromMain =
  | Output
  | InputRequest
  | CommMessage
  | { readonly kind: "done"; readonly id: number; readonly outcome: Outcome }
  /** The process was told to interrupt what runs. */
  | { readonly kind: "signal" }
  /** The main thread has heard the interrupt, so it need not be forced. */
  | { readonly kind: "interrupted" };
