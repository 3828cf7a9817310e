/** A table of words as HTML, which looks as the page around it says. */
import { escaped } from "./markup.ts";
import type { TextTable } from "./table.ts";

/** The table over its caption; an empty one is left out. */
export function htmlTable(table: TextTable, caption: string): string {
  const head = table.columns.map(
    (c) => `<th scope="col">${escaped(c.name)}${c.unit === "" ? "" : `<br/><small>${escaped(c.unit)}</small>`}</th>`,
  );
  const rows = table.rows.map(
    (r) => `<tr>${r.map((text, k) => (k === 0 ? `<th scope="row">${escaped(text)}</th>` : `<td>${escaped(text)}</td>`)).join("")}</tr>`,
  );
  return `<figure><div class="scroll" tabindex="0" role="region" aria-label="Table"><table>
<thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>${caption === "" ? "" : `<figcaption>${escaped(caption)}</figcaption>`}</figure>`;
}
