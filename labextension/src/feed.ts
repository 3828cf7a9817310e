/**
 * The rows of a running study from its notebook's kernel, by the comm `qmml.study`. The kernel is told which rows are held, so that a
 * reconnection after a refreshed page, a lost connection or a restarted kernel takes up where the last one ended.
 */
import type { ISessionContext } from "@jupyterlab/apputils";
import type { Kernel } from "@jupyterlab/services";
import type { StudyReference } from "../../src/display/bundle.ts";
import { trans } from "./words.ts";

/** Rows of one table. */
export interface TablePart {
  readonly name: string;
  /** Number of rows before these; 0 replaces the table. */
  readonly from: number;
  /** Arrow IPC stream. */
  readonly ipc: Uint8Array;
}

/** What is held of a study: the last event seen, and the rows of each table. */
export interface Held {
  readonly sequence: number;
  readonly tables: Readonly<Record<string, number>>;
}

/** Whether more is expected: from the kernel, not now, or never. */
export type Connection = "live" | "waiting" | "ended";

/** Who listens to a feed. */
export interface Listener {
  held(): Held;
  /** @returns whether the parts continue what is held */
  take(sequence: number, state: string, parts: readonly TablePart[]): boolean;
  /** @param problem one sentence of the kernel's, if it cannot serve the study */
  connected(connection: Connection, problem?: string): void;
}

/** What a kernel can be asked to do with a study. */
export type StudyRequest = "stop" | "resume";

/** A feed that is followed. */
export interface Feed {
  /** Asks the kernel to do something with the study. @throws Error with one sentence if there is no kernel, or it cannot do it */
  ask(request: StudyRequest): Promise<void>;
  dispose(): void;
}

const TARGET = "qmml.study";

/** Seconds before a feed that broke off is asked again: doubled each time, up to the second. */
const [SOON, LATEST] = [1, 30];

/** ms that a request may take. */
const REQUEST = 40_000;

/**
 * States of a kernel that answers, or will. JupyterLab calls a kernel that was restarted unknown until it has something to do; what is sent
 * to it waits until it has started.
 */
const ANSWERING: ReadonlySet<Kernel.Status> = new Set<Kernel.Status>(["idle", "busy", "starting", "unknown"]);

/** Follows a study until it has ended or the feed is disposed. */
export function follow(session: ISessionContext, study: StudyReference, listener: Listener): Feed {
  let comm: Kernel.IComm | null = null;
  let patience = SOON;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  /** This kernel does not know the target, or said why it cannot serve the study: it will say so again. */
  let refused = false;
  /** The kernel has answered on this comm. */
  let heard = false;
  /** Settles the request that is not answered yet. */
  let answer: ((error?: string) => void) | undefined;

  const drop = (close: boolean): void => {
    clearTimeout(timer);
    answer?.(trans.__("The connection to the kernel was lost before it answered."));
    const old = comm;
    comm = null;
    if (old && !old.isDisposed) {
      old.onMsg = () => {};
      old.onClose = () => {};
      if (close) old.close().done.catch(() => {});
    }
  };
  const wait = (problem?: string): void => {
    if (!over) listener.connected("waiting", problem);
  };
  const again = (): void => {
    drop(true);
    wait();
    timer = setTimeout(connect, 1000 * patience);
    patience = Math.min(2 * patience, LATEST);
  };

  function connect(): void {
    const kernel = session.session?.kernel;
    if (over || refused || comm || !kernel?.handleComms) return;
    if (kernel.connectionStatus !== "connected" || !ANSWERING.has(kernel.status)) return;
    clearTimeout(timer);
    const own = kernel.createComm(TARGET);
    comm = own;
    heard = false;
    own.onMsg = ({ content, buffers }) => {
      if (comm !== own) return;
      const message = content.data as unknown as FeedMessage;
      if (message.request !== undefined) return answer?.(message.ok === true ? undefined : (message.error ?? "").slice(0, 400));
      if (typeof message.error === "string") {
        refused = true;
        answer?.(message.error.slice(0, 400));
        return wait(message.error.slice(0, 400));
      }
      heard = true;
      patience = SOON;
      const parts = (message.tables ?? []).map(({ name, from }, k) => ({ name, from, ipc: bytes(buffers?.[k]) }));
      if (!listener.take(message.sequence, message.state, parts)) return again();
      over = message.ended === true;
      listener.connected(over ? "ended" : "live");
    };
    own.onClose = () => {
      if (comm !== own) return;
      comm = null;
      answer?.(trans.__("The kernel has ended the connection."));
      if (over || refused) return;
      refused = !heard;
      if (heard) again();
      else wait();
    };
    const { sequence, tables } = listener.held();
    own.open({ path: study.path, sequence, tables: { ...tables } });
  }

  const ask = (request: StudyRequest): Promise<void> =>
    new Promise((resolve, reject) => {
      if (answer) return reject(new Error(trans.__("The kernel has been asked already.")));
      // A feed that has ended, or was refused, begins anew.
      [over, refused] = [false, false];
      connect();
      if (!comm) return reject(new Error(trans.__("There is no kernel to ask: start one, then try again.")));
      const late = setTimeout(() => answer?.(trans.__("The kernel does not answer.")), REQUEST);
      answer = (error) => {
        clearTimeout(late);
        answer = undefined;
        if (error === undefined) resolve();
        else reject(new Error(error));
      };
      comm.send({ request });
    });

  const lost = (): void => {
    [patience, refused, heard] = [SOON, false, false];
    drop(false);
    wait();
  };
  const onKernel = (): void => {
    lost();
    connect();
  };
  const onStatus = (_: ISessionContext, status: Kernel.Status): void => {
    // A kernel that starts although it had answered was restarted by somebody else.
    if (status === "starting" && heard) lost();
    if (ANSWERING.has(status)) connect();
    else lost();
  };
  const onConnection = (_: ISessionContext, status: Kernel.ConnectionStatus): void => {
    // Messages sent meanwhile are lost: what is held tells the kernel where to begin.
    if (status === "connected") connect();
    else lost();
  };
  session.kernelChanged.connect(onKernel);
  session.statusChanged.connect(onStatus);
  session.connectionStatusChanged.connect(onConnection);
  // Otherwise the kernel would go on telling a page that is not there any more, and its next one would not know what is meant.
  const leave = (): void => drop(true);
  globalThis.addEventListener?.("pagehide", leave);
  globalThis.addEventListener?.("pageshow", connect);
  connect();
  return {
    ask,
    dispose: () => {
      over = true;
      drop(true);
      session.kernelChanged.disconnect(onKernel);
      session.statusChanged.disconnect(onStatus);
      session.connectionStatusChanged.disconnect(onConnection);
      globalThis.removeEventListener?.("pagehide", leave);
      globalThis.removeEventListener?.("pageshow", connect);
    },
  };
}

interface FeedMessage {
  readonly sequence: number;
  readonly state: string;
  readonly tables?: readonly { readonly name: string; readonly from: number }[];
  readonly ended?: boolean;
  readonly error?: string;
  /** The answer to a request. */
  readonly request?: string;
  readonly ok?: boolean;
}

function bytes(buffer: ArrayBuffer | ArrayBufferView | undefined): Uint8Array {
  if (buffer === undefined) return new Uint8Array();
  return ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer);
}
