/**
 * `timeit(fn)`: how long a call takes. Calls are timed in runs, each of as many calls as the clock needs, until the time is used up; the median of
 * the runs is told, the best, and the distance between their quartiles. The first calls, before V8 has compiled the function, do not count.
 */
import { setImmediate } from "node:timers/promises";
import type { KernelApi } from "../api.ts";
import { DISPLAY } from "../bundle.ts";
import { counted } from "../show/digits.ts";

/** How a function is timed. */
export interface TimeitOptions {
  /** For all runs together, s; one call is made in any case. Default 1. */
  readonly seconds?: number;
}

/** What was measured, in seconds a call. */
export interface Timing {
  readonly median: number;
  readonly best: number;
  /** Between the quartiles of the runs. */
  readonly spread: number;
  readonly runs: number;
  /** Calls in each run. */
  readonly loops: number;
}

/** s of a run at least: a thousand ticks of the clock. */
const RUN = 0.01;

/** Part of the time in which the function is warmed up and the length of a run is found. */
const WARMING = 0.2;

/** Runs at most. */
const MOST = 100;

/** @returns the function that cells call */
export function timeitAt(api: KernelApi): (fn: () => unknown, options?: TimeitOptions) => Promise<Timing> {
  return async (fn, { seconds = 1 } = {}) => {
    if (typeof fn !== "function") throw new TypeError("timeit calls a function; give it one, e.g. timeit(() => work(x))");
    if (!(seconds > 0)) throw new RangeError(`timeit for ${seconds} s; give a positive time, e.g. { seconds: 1 }`);
    const signal = api.signal();
    const began = performance.now();
    const used = (): number => (performance.now() - began) / 1000;
    const length = Math.max(RUN, ((1 - WARMING) * seconds) / MOST);
    let loops = 1;
    let perCall = await run(fn, loops);
    while (used() < WARMING * seconds && perCall * loops < length) {
      loops = Math.max(2 * loops, Math.min(10 * loops, Math.ceil(length / Math.max(perCall, 1e-10))));
      perCall = await run(fn, loops);
      signal.throwIfAborted();
    }
    const times: number[] = [];
    while (times.length < MOST && (used() + loops * perCall <= seconds || (times.length === 0 && used() < seconds))) {
      times.push(await run(fn, loops));
      // Interrupts are heard, and timers of the function run.
      await setImmediate();
      signal.throwIfAborted();
    }
    // A call that takes all of the time is its own measurement.
    if (times.length === 0) times.push(perCall);
    const timing = timingOf(times, loops);
    return Object.defineProperty(timing, DISPLAY, { value: () => ({ "text/plain": timingText(timing) }) });
  };
}

/** Seconds a call, of `loops` calls. */
async function run(fn: () => unknown, loops: number): Promise<number> {
  const began = performance.now();
  for (let k = 0; k < loops; k++) {
    const result = fn();
    if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") await result;
  }
  return (performance.now() - began) / 1000 / loops;
}

/** Median, best and spread of runs. */
export function timingOf(times: readonly number[], loops: number): Timing {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => {
    const place = part * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low] + (place - low) * (sorted[Math.ceil(place)] - sorted[low]);
  };
  return { median: at(0.5), best: sorted[0], spread: at(0.75) - at(0.25), runs: times.length, loops };
}

/** One line. */
export function timingText({ median, best, spread, runs, loops }: Timing): string {
  if (runs * loops === 1) return `${time(median)}, one call`;
  const calls = loops === 1 ? `${counted(runs)} calls` : `${counted(runs)} run${runs === 1 ? "" : "s"} of ${counted(loops)} calls`;
  return `${time(median)} (median), best ${time(best)}, spread ${time(spread)}; ${calls}`;
}

function time(seconds: number): string {
  const [unit, scale] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[UNITS.length - 1];
  return `${Number((seconds / scale).toPrecision(3))} ${unit}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["s", 1],
  ["ms", 1e-3],
  ["µs", 1e-6],
  ["ns", 1e-9],
];
