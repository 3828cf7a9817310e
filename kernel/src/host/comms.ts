/** Comms of the main thread: two-way channels of JSON and buffers between code in cells and a view in the browser. */
import { randomUUID } from "node:crypto";
import type { CommMessage, Parent } from "../threads.ts";

type Metadata = Readonly<Record<string, unknown>>;
type Receive = (data: unknown, metadata: Metadata, buffers: readonly Uint8Array[]) => void;

/** One end of a comm. */
export interface Comm {
  readonly id: string;
  send(data: unknown, metadata?: Metadata, buffers?: readonly Uint8Array[]): void;
  close(data?: unknown): void;
  /** Replaces the callback that messages go to. */
  onMessage(callback: Receive): void;
  /** Replaces the callback of a close by the other end. */
  onClose(callback: (data: unknown) => void): void;
}

/** Is called with each comm that a view opens. */
export type Opened = (comm: Comm, data: unknown, metadata: Metadata, buffers: readonly Uint8Array[]) => void;

/** The comms of one kernel. */
export interface Comms {
  /** Serves a target; a later registration replaces an earlier one. */
  register(target: string, opened: Opened): void;
  /** Opens a comm from the kernel's side. */
  open(target: string, data?: unknown, metadata?: Metadata, buffers?: readonly Uint8Array[]): Comm;
}

interface Ends {
  message: Receive;
  closed(data: unknown): void;
}

/** @param send takes messages out; @param parent of what is sent now */
export function openComms(
  send: (message: CommMessage) => void,
  parent: () => Parent,
): { readonly api: Comms; receive(message: CommMessage): void } {
  const targets = new Map<string, Opened>();
  const ends = new Map<string, Ends>();
  const post = (
    type: CommMessage["type"],
    content: CommMessage["content"],
    metadata: Metadata = {},
    buffers: readonly Uint8Array[] = [],
  ): void => send({ kind: "comm", type, content, metadata, buffers, parent: parent() });
  const make = (id: string): Comm => {
    const end: Ends = { message: () => {}, closed: () => {} };
    ends.set(id, end);
    return {
      id,
      send(data, metadata, buffers) {
        if (!ends.has(id)) throw new Error(`comm ${id} is closed; open another`);
        post("comm_msg", { comm_id: id, data }, metadata, buffers);
      },
      close(data = {}) {
        if (ends.delete(id)) post("comm_close", { comm_id: id, data });
      },
      onMessage(callback) {
        end.message = callback;
      },
      onClose(callback) {
        end.closed = callback;
      },
    };
  };
  return {
    api: {
      register: (target, opened) => void targets.set(target, opened),
      open(target, data = {}, metadata = {}, buffers = []) {
        const comm = make(randomUUID());
        post("comm_open", { comm_id: comm.id, target_name: target, data }, metadata, buffers);
        return comm;
      },
    },
    receive({ type, content: { comm_id: id, target_name: target = "", data }, metadata, buffers }) {
      if (type === "comm_open") {
        const opened = targets.get(target);
        if (opened) opened(make(id), data, metadata, buffers);
        else post("comm_close", { comm_id: id, data: { error: `nothing in this kernel serves the comm target ${target}` } });
      } else if (type === "comm_msg") ends.get(id)?.message(data, metadata, buffers);
      else {
        const end = ends.get(id);
        ends.delete(id);
        end?.closed(data);
      }
    },
  };
}
