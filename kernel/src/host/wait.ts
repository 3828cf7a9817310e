/** Every `await` of a cell passes here, so that an interrupt ends the waiting where it stands: `finally` runs, and no loop goes on unseen. */

type Reject = (reason: unknown) => void;

const waiting = new Set<Reject>();

/**
 * Settles as `value` does, unless `endWaits` comes first. Handed on by the promise's own functions, and with nothing else on the way: so V8
 * finds who waits, and stacks name the async callers.
 */
export function guard(value: unknown): unknown {
  if (!isThenable(value)) return value;
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    Promise.resolve(value)
      .then(resolve, reject)
      .then(() => waiting.delete(reject));
  });
}

/** The same for each turn of a `for await`. */
export async function* iterable(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<unknown> {
  const iterator = Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
  let ended = false;
  try {
    for (;;) {
      const turn = (await guard(iterator.next())) as IteratorResult<unknown>;
      ended = turn.done === true;
      if (ended) return;
      yield await guard(turn.value);
    }
  } finally {
    if (!ended) await iterator.return?.();
  }
}

/** Rejects everything that waits. */
export function endWaits(reason: Error): void {
  for (const reject of waiting) reject(reason);
  waiting.clear();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
