/** Words of the sentences that users read. */

/** `1 model`, `10 models`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** The known word that takes the fewest edits, if these are at most a third of its letters. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const scored = known.map((k): [number, string] => [edits(word, k), k]).sort(([a], [b]) => a - b);
  return scored.length > 0 && scored[0][0] <= scored[0][1].length / 3 ? scored[0][1] : undefined;
}

/** Levenshtein's distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) row.push(Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
  }
  return row[b.length];
}
