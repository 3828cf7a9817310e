/** Work on cu20 shared out over threads, as a training shares out its members: each thread does its share as often as asked, then all are waited for. */
import { type Pool, threadPool } from "../../src/engine/threads.ts";
import type { Share } from "../jobs/share.ts";
import { OURS } from "./figures.ts";
import { type Contender, timed } from "./measure.ts";

/** Threads and what they can do. */
export interface Shares {
  contender(what: Share["what"]): Contender;
  close(): Promise<void>;
}

/** Threads that take equal shares. A sample is the mean of a slice. */
export function shares(threads: number): Shares {
  const pool: Pool<Share, void, never> = threadPool(new URL("../jobs/share.ts", import.meta.url), threads);
  return {
    contender: (what) => ({
      name: OURS,
      threads,
      async run(repeats) {
        const all = Array.from({ length: threads }, (_, first) => ({ what, first, of: threads, repeats }));
        const [wall, cpu] = await timed(() => Promise.all(all.map((share) => pool.run(share))));
        return [[wall / repeats, cpu / repeats]];
      },
    }),
    close: () => pool.close(),
  };
}
