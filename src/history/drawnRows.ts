/** What of the learning curves is drawn where there are very many. */
import type { TrainingRow } from "./training.ts";

/** Points of all curves together that are drawn, about; two of each curve are in any case. */
const DRAWN = 5000;

/**
 * The rows that pictures and bundles hold: of very many every n-th along each curve, its first and its last among them. A study of ten models and twenty
 * images has tens of thousands, which no screen can show and no notebook should carry.
 */
export function drawnRows(rows: readonly TrainingRow[]): readonly TrainingRow[] {
  const every = Math.ceil(rows.length / DRAWN);
  if (every < 2) return rows;
  const isNext = (a: TrainingRow | undefined, b: TrainingRow | undefined): boolean =>
    a !== undefined && b !== undefined && a.scheme === b.scheme && a.member === b.member && a.image === b.image;
  let along = 0;
  return rows.filter((row, k) => {
    along = isNext(rows[k - 1], row) ? along + 1 : 0;
    return along % every === 0 || !isNext(row, rows[k + 1]);
  });
}
