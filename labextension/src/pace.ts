/**
 * One drawing at a time on the whole page, and a pause after each that is as long as a share of it: keys and clicks come in between, and the
 * study keeps the processor that it needs, however many figures are watched. Those that wait are drawn in turn.
 */

/** Pause of the time that a drawing took: a figure that takes 60 ms is drawn ten times a second. */
const PAUSE = 0.6;

let last: Promise<void> = Promise.resolve();

/** Draws when it is its turn; resolves once drawn. */
export function inTurn(draw: () => unknown): Promise<void> {
  const turn = last.then(async () => {
    const start = performance.now();
    await draw();
    return performance.now() - start;
  });
  last = turn.then(
    (took) => new Promise((resolve) => setTimeout(resolve, PAUSE * took)),
    () => {},
  );
  return turn.then(() => {});
}
