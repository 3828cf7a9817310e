/** Text that shows as text: a string that a notebook draws with its lines, where a plain one appears in quotes with \n in it. */
import { type Drawing, drawing } from "./jupyter.ts";

/** A string with all its methods, but an object: `String(prose)` is the plain one. */
// biome-ignore lint/complexity/noBannedTypes: a plain string cannot say how it is drawn
export interface Prose extends String, Drawing {}

/**
 * Text that draws itself.
 * @param markdown the same for hosts that set it
 */
export function prose(text: string, markdown?: string): Prose {
  return drawing(new String(text), () => ({ ...(markdown !== undefined && { "text/markdown": markdown }), "text/plain": text }));
}
