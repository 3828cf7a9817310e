/** What else a process could have done meanwhile. */

/** A timer of 10 ms; returns what stops it and says how late it was at worst, ms. */
export function heartbeat(): () => number {
  const every = 10;
  let last = performance.now();
  let worst = 0;
  const beat = (): void => {
    const now = performance.now();
    worst = Math.max(worst, now - last - every);
    last = now;
  };
  const timer = setInterval(beat, every);
  return () => {
    clearInterval(timer);
    beat();
    return worst;
  };
}
