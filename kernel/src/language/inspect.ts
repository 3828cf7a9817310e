/** What is known of the name at a cursor: its type and its documentation; within the parentheses of a call, those of the function. */

import type { Bundle } from "../threads.ts";
import type { Cells } from "./cells.ts";
import ts from "./typescript.js";

/** Text and Markdown on the name at `cursor`, or just before it; undefined if there is nothing to say. */
export function inspect(cells: Cells, code: string, cursor: number): Bundle | undefined {
  const path = cells.sketch(code);
  const { service } = cells.project;
  const info = service.getQuickInfoAtPosition(path, cursor) ?? (cursor > 0 ? service.getQuickInfoAtPosition(path, cursor - 1) : undefined);
  if (info && info.kind !== ts.ScriptElementKind.unknown) return bundle(text(info.displayParts), text(info.documentation), info.tags);
  const help = service.getSignatureHelpItems(path, cursor, undefined);
  if (help === undefined) return undefined;
  const { prefixDisplayParts, parameters, separatorDisplayParts, suffixDisplayParts, documentation, tags } =
    help.items[help.selectedItemIndex];
  const list = parameters.map(({ displayParts }) => text(displayParts)).join(text(separatorDisplayParts));
  return bundle(text(prefixDisplayParts) + list + text(suffixDisplayParts), text(documentation), tags);
}

function bundle(signature: string, documentation: string, tags: readonly ts.JSDocTagInfo[] = []): Bundle {
  const notes = tags.map(({ name, text: parts }) => ({ name, note: text(parts) }));
  const plain = [signature, documentation, ...notes.map(({ name, note }) => `@${name} ${note}`)];
  const markdown = [`\`\`\`ts\n${signature}\n\`\`\``, documentation, ...notes.map(({ name, note }) => `*@${name}* ${note}`)];
  const joined = (parts: readonly string[]): string => parts.filter((part) => part !== "").join("\n\n");
  return { "text/plain": joined(plain), "text/markdown": joined(markdown) };
}

function text(parts: readonly ts.SymbolDisplayPart[] | undefined): string {
  return ts.displayPartsToString(parts && [...parts]);
}
