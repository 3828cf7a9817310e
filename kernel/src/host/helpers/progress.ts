/**
 * `progress`: one line that tells how far a loop is. It is drawn at most ten times a second, in a loop that never waits as well, and stays when
 * the loop ends, saying how: finished, stopped before its end, or interrupted.
 */
import { randomUUID } from "node:crypto";
import type { KernelApi } from "../api.ts";
import { counted } from "../show/digits.ts";
import { escaped } from "../show/table.ts";

/** How progress is shown. */
export interface ProgressOptions {
  /** What is done, in front of the line. */
  readonly label?: string;
  /** How many there will be, where the values do not say. */
  readonly total?: number;
}

/** A line that is moved by hand. */
export interface ProgressLine {
  /** @param done how many of the total are done; the line is finished with the last @param label replaces the text in front */
  update(done: number, label?: string): void;
  /** Ends the line where it stands. */
  stop(): void;
  [Symbol.dispose](): void;
}

/** ms between drawings. */
const PERIOD = 100;

/** Characters of the bar in text. */
const WIDTH = 20;

type End = "finished" | "stopped" | "interrupted";

/** @returns the function that cells call */
export function progressAt(api: KernelApi): (values: unknown, options?: ProgressOptions) => unknown {
  return (values, options = {}) => {
    if (typeof values === "number") return manual(api, { ...options, total: values });
    if (isIterable(values, Symbol.asyncIterator))
      return { [Symbol.asyncIterator]: () => asyncTurns(api, values as AsyncIterable<unknown>, options) };
    if (!isIterable(values, Symbol.iterator))
      throw new TypeError("progress counts an iterable, an async iterable or up to a number; give it one of these, e.g. progress(list)");
    return { [Symbol.iterator]: () => turns(api, values as Iterable<unknown>, options) };
  };
}

function isIterable(values: unknown, key: symbol): boolean {
  return values !== null && values !== undefined && typeof (values as Record<symbol, unknown>)[key] === "function";
}

function manual(api: KernelApi, options: ProgressOptions & { readonly total: number }): ProgressLine {
  const { total } = options;
  if (!(total >= 0)) throw new RangeError(`progress up to ${total}; give a number of 0 or more`);
  const line = openLine(api, { ...options, total });
  if (total === 0) line.end("finished");
  return {
    update(done, label) {
      line.count(done, label);
      if (done >= total) line.end("finished");
    },
    stop: () => line.end("stopped"),
    [Symbol.dispose]: () => line.end("stopped"),
  };
}

function* turns(api: KernelApi, values: Iterable<unknown>, options: ProgressOptions): Generator<unknown> {
  const line = openLine(api, { total: lengthOf(values), ...options });
  let done = 0;
  try {
    for (const value of values) {
      yield value;
      done += 1;
      line.count(done);
    }
    line.end("finished");
  } finally {
    line.end("stopped");
  }
}

/** Not a generator: one that waits for its values hears nothing of a `return` until they come. */
function asyncTurns(api: KernelApi, values: AsyncIterable<unknown>, options: ProgressOptions): AsyncIterator<unknown> {
  const line = openLine(api, options);
  const iterator = values[Symbol.asyncIterator]();
  let begun = 0;
  return {
    async next() {
      // One is done when the next is asked for.
      if (begun > 0) line.count(begun);
      try {
        const turn = await iterator.next();
        if (turn.done) line.end("finished");
        else begun += 1;
        return turn;
      } catch (error) {
        line.end("stopped");
        throw error;
      }
    },
    async return(value) {
      line.end("stopped");
      return (await iterator.return?.(value)) ?? { done: true, value };
    },
  };
}

function lengthOf(values: unknown): number | undefined {
  const { length, size } = values as { readonly length?: unknown; readonly size?: unknown };
  return [length, size].find((count): count is number => typeof count === "number");
}

interface Line {
  count(done: number, label?: string): void;
  /** Only the first end counts. */
  end(how: End): void;
}

/** Appears at once and is redrawn while it counts. */
function openLine(api: KernelApi, { label: given = "", total }: ProgressOptions): Line {
  const displayId = randomUUID();
  const signal = api.signal();
  const began = performance.now();
  let [done, label, drawn] = [0, given, began];
  let later: NodeJS.Timeout | undefined;
  let isOver = false;
  const draw = (how?: End, update = true): void => {
    drawn = performance.now();
    clearTimeout(later);
    later = undefined;
    api.display(lineBundle({ label, done, total, seconds: (drawn - began) / 1000, how }), { displayId, update });
  };
  const end = (how: End): void => {
    if (isOver) return;
    isOver = true;
    signal.removeEventListener("abort", interrupted);
    draw(how);
  };
  const interrupted = (): void => end("interrupted");
  signal.addEventListener("abort", interrupted);
  draw(undefined, false);
  return {
    count(now, text) {
      done = now;
      label = text ?? label;
      if (isOver) return;
      const rest = PERIOD - (performance.now() - drawn);
      if (rest <= 0) draw();
      // A count that was the last for long is shown all the same.
      else later ??= setTimeout(draw, rest).unref();
    },
    end,
  };
}

/** What a line says. */
export interface LineState {
  readonly label: string;
  readonly done: number;
  readonly total?: number;
  readonly seconds: number;
  readonly how?: End;
}

/** The line as text and as HTML. */
export function lineBundle({ label, done, total, seconds, how }: LineState): { "text/plain": string; "text/html": string } {
  const of = total === undefined ? counted(done) : `${counted(done)} of ${counted(total)}`;
  const rate = done > 0 && seconds > 0 ? `, ${perSecond(done / seconds)}` : "";
  const front = label === "" ? "" : `${label}: `;
  if (how !== undefined) {
    const said =
      how === "finished" ? `${counted(done)} in ${duration(seconds)}${rate}` : `${how} at ${of} after ${duration(seconds)}${rate}`;
    return { "text/plain": front + said, "text/html": `<div>${escaped(front + said)}</div>` };
  }
  const left = total !== undefined && done > 0 ? `, ${duration((seconds / done) * Math.max(0, total - done))} left` : "";
  const said = done === 0 ? of : `${of} after ${duration(seconds)}${rate}${left}`;
  const part = total === undefined ? undefined : total === 0 ? 1 : Math.min(1, done / total);
  const filled = part === undefined ? 0 : Math.round(part * WIDTH);
  const bar = part === undefined ? "" : `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} `;
  const value = part === undefined ? "" : ` max="1" value="${part.toFixed(4)}"`;
  const html = `<div style="font-variant-numeric:tabular-nums">${escaped(front)}<progress${value} style="vertical-align:middle;accent-color:var(--jp-brand-color1,auto)"></progress> ${said}</div>`;
  return { "text/plain": `${front}${bar}${said}`, "text/html": html };
}

function perSecond(rate: number): string {
  return rate >= 1 ? `${rate >= 100 ? counted(Math.round(rate)) : rate.toPrecision(3)} per second` : `${duration(1 / rate)} each`;
}

/** Seconds in words. */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return seconds < 0.001 ? "under 1 ms" : `${Math.round(seconds * 1000)} ms`;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
