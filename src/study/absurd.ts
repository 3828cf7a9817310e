/** What a guard knows of forces alone; apart from its other checks because a browser marks such steps too, and has no engine. */

/** Forces above this times those of the start are absurd; eV/Å that count as the start's at least. */
const [ABSURD, LEAST_FORCE] = [10, 1];

/** Whether a force is too large to have anything to do with the start's, eV/Å. */
export function absurd(fmax: number, first: number): boolean {
  return fmax > ABSURD * Math.max(first, LEAST_FORCE);
}
