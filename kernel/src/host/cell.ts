/** Runs cells, one at a time. Their variables are `let`s of the global scope, as fast as any; a cell is a function called once. */
import { runInThisContext, Script } from "node:vm";
import type { CompiledCell, Outcome } from "../threads.ts";
import { bundleOf } from "./bundle.ts";
import { failureOf, KeyboardInterrupt } from "./failure.ts";
import { imported, type Modules } from "./modules.ts";
import { addSourceMap } from "./stack.ts";
import { endWaits, guard, iterable } from "./wait.ts";

/** Runs cells. */
export interface Runner {
  /** Starts a cell; `done` is called once, when it has ended or was interrupted. */
  run(cell: CompiledCell, done: (outcome: Outcome) => void): void;
  /** Ends the running cell; one that a thread cut off in the midst of a loop ends here as well. */
  interrupt(): void;
  /** Of the running cell; aborted by an interrupt. Between cells that of the last. */
  signal(): AbortSignal;
}

/** ms that an interrupted cell is given for its `finally`. */
const GRACE = 100;

/** @param modules as seen from the notebook's folder */
export function openRunner(modules: Modules): Runner {
  const declared = new Set<string>();
  let controller = new AbortController();
  let end: ((outcome: Outcome) => void) | undefined;
  let runtime: Readonly<Record<string, unknown>> & { loop?: () => void } = {};

  const declare = (slots: readonly string[]): void => {
    const fresh = slots.filter((slot) => !declared.has(slot));
    if (fresh.length > 0) runInThisContext(`let ${fresh.join(", ")};`);
    for (const slot of fresh) declared.add(slot);
  };

  const value = async ({ name, code, map, slots, modules: specifiers, waits }: CompiledCell): Promise<Outcome> => {
    declare(slots);
    addSourceMap(name, map);
    const loaded: Readonly<Record<string, unknown>>[] = [];
    for (const specifier of specifiers) loaded.push((await guard(modules.load(specifier))) as Readonly<Record<string, unknown>>);
    runtime = {
      guard,
      iterable,
      load: modules.load,
      meta: modules.meta,
      imported: (index: number, key: string) => imported(loaded[index], key),
    };
    const body = new Script(code, { filename: name, lineOffset: -1 }).runInThisContext() as (...parameters: unknown[]) => unknown;
    const result = body(runtime, modules.require);
    const [last] = ((waits ? await result : result) ?? []) as readonly unknown[];
    if (last === undefined) return { status: "ok" };
    return { status: "ok", data: (await guard(bundleOf(last))) as Awaited<ReturnType<typeof bundleOf>> };
  };

  return {
    run(cell, done) {
      controller = new AbortController();
      // The outcome goes out by `finish` alone: a loop that is cut off takes the waiting for it along.
      const finish = (outcome: Outcome): void => {
        if (end !== finish) return;
        end = undefined;
        done(outcome);
      };
      end = finish;
      value(cell).then(finish, (thrown) => finish(failureOf(thrown)));
    },
    interrupt() {
      // A loop was cut off: what it had is given to the variables.
      runtime.loop?.();
      runtime.loop = undefined;
      if (end === undefined) return;
      const reason = new KeyboardInterrupt();
      const finish = end;
      setTimeout(() => finish(failureOf(reason)), GRACE);
      controller.abort(reason);
      endWaits(reason);
    },
    signal: () => controller.signal,
  };
}
