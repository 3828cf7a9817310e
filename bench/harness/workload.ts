/** What a workload of bench/ exports, and what it is given. */
import type { Findings } from "./figures.ts";
import type { Contender } from "./measure.ts";
import type { Peer } from "./peer.ts";

/** One file of bench/. */
export interface Workload {
  /** As in `--only`. */
  readonly name: string;
  readonly title: string;
  /** What it is compared with. */
  readonly peers: readonly string[];
  run(bench: Bench): Promise<Findings>;
}

/** How the measurements are made. */
export interface Bench {
  /** Fewer rounds and smaller sizes, to see that everything runs; its figures mean little. */
  readonly quick: boolean;
  /** Threads of this machine. */
  readonly cores: number;
  /** Folder for files of the run, removed afterwards. */
  readonly scratch: string;
  /** Ours: work in this process; measured with its threads, and profiled where asked. */
  ours(name: string, threads: number, work: () => unknown): Contender;
  /** Starts a script of bench/peers; undefined where the other programs are left out. */
  peer(script: string, parameters?: readonly string[]): Promise<Peer | undefined>;
  /** What `job` of a file in bench/jobs returns in a Node process of its own. */
  alone<T>(job: string, input: object): Promise<T>;
  log(line: string): void;
}
