/** Several generators at once, as one. */

/**
 * Yields what comes from any of the generators, as it comes; each goes on when what it yielded was taken. Ends when all have ended; an
 * error of one ends all.
 */
export async function* merged<T>(generators: readonly AsyncGenerator<T, void>[]): AsyncGenerator<T, void> {
  const next = (g: AsyncGenerator<T, void>): Promise<{ g: AsyncGenerator<T, void>; result: IteratorResult<T, void> }> =>
    g.next().then((result) => ({ g, result }));
  const waiting = new Map(generators.map((g) => [g, next(g)]));
  try {
    while (waiting.size > 0) {
      const { g, result } = await Promise.race(waiting.values());
      if (result.done) waiting.delete(g);
      else {
        yield result.value;
        waiting.set(g, next(g));
      }
    }
  } finally {
    // A generator that waits for something aborted rejects here; its error is the one already under way.
    for (const pending of waiting.values()) pending.catch(() => {});
  }
}
