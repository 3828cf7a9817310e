/** Text for XML and HTML. */

/** Escapes text for element content and for quoted attributes; control characters and halves of pairs become U+FFFD. */
export function escaped(text: string): string {
  return text
    .replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"']/g, (c) => `&${{ "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "#39" }[c]};`);
}

/** Width of text in a Helvetica-like font, in the unit of `size`: exact enough to keep labels apart. */
export function textWidth(text: string, size: number): number {
  let em = 0;
  for (const c of text) em += /[ijlI.,:;|'!ft()\u2009]/.test(c) ? 0.29 : /[A-Zmw%−+=<>]/.test(c) ? 0.69 : 0.525;
  return em * size;
}

/** Breaks text into lines of at most `width`, at spaces. */
export function wrap(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter((w) => w !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(`${last} ${word}`, size) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
