/**
 * Timing side by side: contenders take turns, a slice each, round after round, so that a disturbance of the machine meets all alike. Wall s and
 * CPU s of all threads; medians over all runs.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Figure, median, quantile } from "./figures.ts";

/** [wall s, CPU s] of one run. */
export type Sample = readonly [wall: number, cpu: number];

/** Who takes part. */
export interface Contender {
  readonly name: string;
  readonly threads: number;
  /** Does its task so often, one after the other. */
  run(repeats: number): Promise<readonly Sample[]>;
}

/** How long it is measured. */
export interface Effort {
  readonly rounds: number;
  /** s a slice is to take; a task that takes longer is done once. */
  readonly slice: number;
}

/** s of rest between slices: threads that spin for more work have gone to sleep. */
const REST = 0.02;
const MOST_REPEATS = 1000;
/** s of a run that counts although it is the first. */
const PATIENCE = 3;

/** Times all contenders; what each came to, in their order. The first runs warm up and count only where they take long. */
export async function compete(
  task: string,
  contenders: readonly Contender[],
  { rounds, slice }: Effort,
  more: Partial<Figure> = {},
): Promise<Figure[]> {
  const repeats: number[] = [];
  const samples: Sample[][] = contenders.map(() => []);
  for (const [k, contender] of contenders.entries()) {
    let [one] = await contender.run(1);
    if (one[0] > PATIENCE) samples[k].push(one);
    // The first run may have had threads to start, and compilers need more than one to settle.
    else [one] = await contender.run(1);
    const few = one[0] > slice ? [one] : await contender.run(Math.min(MOST_REPEATS, Math.ceil(slice / one[0])));
    repeats.push(Math.max(1, Math.min(MOST_REPEATS, Math.round(slice / median(few.map(([wall]) => wall))))));
  }
  for (let round = 0; round < rounds; round++) {
    for (const [k, contender] of contenders.entries()) {
      if (samples[k].length >= rounds && repeats[k] === 1) continue;
      await sleep(1000 * REST);
      samples[k].push(...(await contender.run(repeats[k])));
    }
  }
  return contenders.map((c, k) => ({ ...figureOf(task, c.name, c.threads, samples[k]), ...more }));
}

/** A figure from samples. */
export function figureOf(task: string, who: string, threads: number | null, samples: readonly Sample[]): Figure {
  const walls = samples.map(([wall]) => wall);
  return {
    task,
    who,
    threads,
    seconds: median(walls),
    quartiles: [quantile(walls, 0.25), quantile(walls, 0.75)],
    cpu: median(samples.map(([, cpu]) => cpu)),
    runs: samples.length,
  };
}

/** Of contenders that do the same, the one that a few runs show to be fastest. */
export async function fastest(contenders: readonly Contender[]): Promise<Contender> {
  const times: number[] = [];
  for (const c of contenders) {
    await c.run(3);
    times.push(median((await c.run(9)).map(([wall]) => wall)));
  }
  return contenders[times.indexOf(Math.min(...times))];
}

/** Times work until it was done so often and has taken so many s; the first half of the time warms up and does not count, unless it is one run. */
export async function repeated(work: () => unknown, least: number, seconds = 0.3): Promise<Sample[]> {
  const samples: Sample[] = [];
  const took = (some: readonly Sample[]): number => some.reduce((sum, [wall]) => sum + wall, 0);
  while (samples.length < least || (took(samples) < seconds && samples.length < MOST_REPEATS)) samples.push(await timed(work));
  const warm = samples.findIndex((_, k) => took(samples.slice(0, k + 1)) >= took(samples) / 2);
  return samples.length === 1 ? samples : samples.slice(Math.min(warm + 1, samples.length - 1));
}

/** Wall and CPU s of work in this process, all its threads. */
export async function timed(work: () => unknown): Promise<Sample> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const wall = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return [wall, (user + system) / 1e6];
}
