/** Other programs: Python scripts of bench/peers, in the environment that `npm run bench` has made. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Structure, symbols } from "../../src/structure/structure.ts";
import type { Contender, Sample } from "./measure.ts";

/** A script that waits for requests. */
export interface Peer {
  /** What it printed when it was ready. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** One of its cases as a contender. */
  contender(name: string, threads: number, what: string): Contender;
  close(): Promise<void>;
}

const PYTHON = fileURLToPath(new URL("../../.cache/bench-venv/bin/python", import.meta.url));
const SCRIPTS = fileURLToPath(new URL("../peers/", import.meta.url));
/** One thread for NumPy's products: they are small here, and threads that spin would steal the time of others. */
const ENVIRONMENT = { ...process.env, OPENBLAS_NUM_THREADS: "1", PYTHONWARNINGS: "ignore" };

/**
 * Starts a script and waits until it is ready.
 * @throws Error with what it said on stderr if it ends before that.
 */
export async function openPeer(script: string, parameters: readonly string[]): Promise<Peer> {
  const child = spawn(PYTHON, [SCRIPTS + script, ...parameters], { stdio: ["pipe", "pipe", "pipe"], env: ENVIRONMENT });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`bench/peers/${script} ended: ${said.trim().split("\n").at(-1) ?? "it said nothing"}`);
    return JSON.parse(value);
  };
  const facts = (await answer()) as Record<string, unknown>;
  return {
    facts,
    contender: (name, threads, what) => ({
      name: what,
      threads,
      async run(repeats) {
        child.stdin.write(`${JSON.stringify({ case: name, repeats })}\n`);
        return (await answer()) as Sample[];
      },
    }),
    async close() {
      const closed = once(child, "close");
      child.stdin.end();
      await closed;
    },
  };
}

/** Structures as JSON that Python makes `Atoms` of, Å. */
export function structuresJson(structures: readonly Structure[]): string {
  const rows = (flat: Float64Array): number[][] => Array.from({ length: flat.length / 3 }, (_, i) => [...flat.subarray(3 * i, 3 * i + 3)]);
  return JSON.stringify(structures.map((s) => ({ symbols: symbols(s), positions: rows(s.positions), cell: rows(s.cell), pbc: s.pbc })));
}
