/**
 * The comm target `qmml.study`: what a study's view lacks, read from the study's folder and sent while the study runs; and what its reader asks
 * for: `{request: "stop" | "resume"}` is answered by `{request, ok, error?}`. It lives in the loop's thread, so that it answers while a cell
 * computes and before any cell ran.
 */
import { resolve } from "node:path";
import { qmmlUrl } from "../qmml.ts";

/** What a view says when it opens the comm. */
interface Opening {
  /** Folder of the study, relative to the notebook's. */
  readonly path: string;
  /** The last event of the journal that it has. */
  readonly sequence: number;
  /** Rows that it holds of each table. */
  readonly tables: Readonly<Record<string, number>>;
}

/** The rows of a table from `from` on, as an Arrow IPC stream. */
interface Increment {
  readonly name: string;
  readonly from: number;
  readonly ipc: Uint8Array;
}

interface News {
  readonly sequence: number;
  readonly state: string;
  readonly tables: readonly Increment[];
  readonly ended: boolean;
}

interface Feed {
  /** undefined: nothing new. */
  next(): News | undefined | Promise<News | undefined>;
  close(): void;
}

type ControlStudy = (folder: string, request: string) => Promise<void>;

type StudyFeed = (folder: string, seen: Omit<Opening, "path">) => Feed | Promise<Feed>;

/** A view that is served. */
export interface Served {
  /** A message of the view's. */
  ask(data: unknown): void;
  /** The view has closed the comm. */
  stop(): void;
}

/** The comm as the target sees it. */
export interface FeedComm {
  send(data: Readonly<Record<string, unknown>>, buffers?: readonly Uint8Array[]): void;
  close(): void;
}

/** ms between two looks into the journal, and between two messages: at most ten a second. */
const INTERVAL = 120;

/** Bytes of tables in one message; longer ones meet the rate limits of Jupyter's server. */
const LONGEST = 500_000;

/**
 * Sends news of a study until it has ended, then closes the comm; of what goes wrong it sends one sentence.
 * @param folder the notebook's
 * @param opening as the view sent it
 */
export function feedStudy(folder: string, opening: unknown, comm: FeedComm): Served {
  const stopped = new AbortController();
  /** Requests that are not answered yet: the comm stays open for their answers. */
  const asked = new Set<Promise<void>>();
  run(folder, opening as Opening, comm, stopped.signal)
    .catch((error: unknown) => comm.send({ error: error instanceof Error ? error.message : String(error) }))
    .then(() => Promise.all(asked))
    .finally(() => {
      if (!stopped.signal.aborted) comm.close();
    });
  return {
    ask(data) {
      const { request } = (data ?? {}) as { readonly request?: unknown };
      if (typeof request !== "string") return;
      const answered = control(folder, (opening as Opening).path, request).then((error) => {
        asked.delete(answered);
        if (!stopped.signal.aborted) comm.send({ request, ok: error === undefined, ...(error !== undefined && { error }) });
      });
      asked.add(answered);
    },
    stop: () => stopped.abort(),
  };
}

/** Has qmml do it. @returns one sentence if it could not */
async function control(folder: string, path: string, request: string): Promise<string | undefined> {
  try {
    const { controlStudy } = (await import(qmmlUrl())) as { controlStudy: ControlStudy };
    await controlStudy(resolve(folder, path), request);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function run(folder: string, { path, sequence, tables }: Opening, comm: FeedComm, stopped: AbortSignal): Promise<void> {
  const { studyFeed } = (await import(qmmlUrl())) as { studyFeed: StudyFeed };
  const feed = await studyFeed(resolve(folder, path), { sequence, tables });
  try {
    for (let sent = sequence; !stopped.aborted; await pause()) {
      const news = await feed.next();
      if (news === undefined) continue;
      const groups = news.ended && news.tables.length === 0 ? [] : grouped(news.tables);
      for (const [position, group] of groups.entries()) {
        if (position > 0) await pause();
        if (stopped.aborted) return;
        // The sequence is reached only with the last part.
        const reached = position === groups.length - 1 ? news.sequence : sent;
        const places = group.map(({ name, from }) => ({ name, from }));
        comm.send(
          { sequence: reached, state: news.state, tables: places },
          group.map(({ ipc }) => ipc),
        );
      }
      sent = news.sequence;
      if (!news.ended) continue;
      comm.send({ sequence: sent, state: news.state, ended: true });
      return;
    }
  } finally {
    feed.close();
  }
}

/** Tables in as few messages as their sizes allow; one empty message if there are none, because the state is news as well. */
function grouped(tables: readonly Increment[]): Increment[][] {
  const groups: Increment[][] = [[]];
  let bytes = 0;
  for (const table of tables) {
    if (bytes > 0 && bytes + table.ipc.length > LONGEST) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(table);
    bytes += table.ipc.length;
  }
  return groups;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, INTERVAL));
}
