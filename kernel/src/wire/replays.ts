/** Signatures that were seen. Every message has its own, so one that comes again was recorded by someone without the key. */

/** Signatures remembered, at 64 characters each; ipykernel remembers as many. */
const REMEMBERED = 65_536;

/** @returns a function that says of a signature whether it is new, once */
export function openReplays(remembered: number = REMEMBERED): (signature: string) => boolean {
  const seen = new Set<string>();
  return (signature) => {
    if (seen.has(signature)) return false;
    seen.add(signature);
    // A set keeps the order of arrival.
    if (seen.size > remembered) for (const oldest of seen.values()) return seen.delete(oldest);
    return true;
  };
}
