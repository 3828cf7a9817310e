/**
 * Words of the page in the reader's language. `trans` answers in English until JupyterLab's translator is known, and everywhere else, as in a
 * test. What `display` says of a study (titles, captions, sentences) is the same in every output and stays as it is.
 */
import type { ITranslator, TranslationBundle } from "@jupyterlab/translation";

/** Name under which language packs hold the words. */
const DOMAIN = "jupyterlab_qmml";

let bundle: Pick<TranslationBundle, "__" | "_n"> | undefined;

/** Takes the words of the reader's language. */
export function speak(translator: ITranslator | null): void {
  bundle = translator?.load(DOMAIN);
}

/** By this name language packs find the words: `trans.__("Step %1 of %2", 3, 7)`, `trans._n("%1 step", "%1 steps", 3)`. */
export const trans = {
  __: (text: string, ...values: readonly (string | number)[]): string => bundle?.__(text, ...values) ?? filled(text, values),
  _n: (one: string, many: string, count: number, ...values: readonly (string | number)[]): string =>
    bundle?._n(one, many, count, ...values) ?? filled(count === 1 ? one : many, [count, ...values]),
};

/** A text with its values in the places %1, %2 ... */
function filled(text: string, values: readonly (string | number)[]): string {
  return text.replace(/%(\d)/g, (place, k) => String(values[Number(k) - 1] ?? place));
}
