/** What is known of the name at a cursor: its type and its documentation; within the parentheses of a call, those of the function. */
import type { Bundle } from "../threads.ts";
import type { Cells, Sketch } from "./cells.ts";
import { code as asCode, type Documented, documentation, written } from "./docs.ts";
import ts from "./typescript.js";

/** Lines of a source that are shown. */
const LINES = 200;

/**
 * Text and Markdown on the name at `cursor`, or just before it; undefined if there is nothing to say.
 * @param detail 1 adds the source: the statement of the cell, or the declaration of a package
 */
export function inspect(cells: Cells, code: string, cursor: number, detail: number): Bundle | undefined {
  const sketch = cells.sketch(code);
  const { service, path, offset } = sketch;
  for (const at of [cursor, cursor - 1]) {
    const info = at < 0 ? undefined : service.getQuickInfoAtPosition(path, offset + at);
    if (info === undefined || info.kind === ts.ScriptElementKind.unknown) continue;
    const source = detail > 0 ? sourceAt(cells, sketch, at) : undefined;
    return bundle(written(info.displayParts, cells.readable), info, cells.readable, source);
  }
  const help = service.getSignatureHelpItems(path, offset + cursor, undefined);
  if (help === undefined) return undefined;
  const item = help.items[help.selectedItemIndex];
  const text = (parts: readonly ts.SymbolDisplayPart[]): string => cells.readable(ts.displayPartsToString([...parts]));
  const parameters = item.parameters.map(({ displayParts }) => text(displayParts)).join(text(item.separatorDisplayParts));
  return bundle(text(item.prefixDisplayParts) + parameters + text(item.suffixDisplayParts), item, cells.readable);
}

function bundle(signature: string, documented: Documented, readable: (text: string) => string, source?: string): Bundle {
  const notes = (documented.tags ?? []).map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`.trimEnd());
  const plain = [signature, ts.displayPartsToString(documented.documentation), ...notes, source];
  const markdown = [asCode(signature), documentation(documented, readable), source && `**Source**\n\n${asCode(source)}`];
  const joined = (parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join("\n\n");
  return { "text/plain": joined(plain), "text/markdown": joined(markdown) };
}

/** Where the name is declared: the text of a cell's statement, or of a library's declaration. */
function sourceAt(cells: Cells, { service, path, offset }: Sketch, at: number): string | undefined {
  const [definition] = service.getDefinitionAtPosition(path, offset + at) ?? [];
  if (definition === undefined) return undefined;
  const { fileName, name, contextSpan, textSpan } = definition;
  const span = contextSpan ?? textSpan;
  const text =
    cells.sourceOf(fileName, name) ??
    service
      .getProgram()
      ?.getSourceFile(fileName)
      ?.text.slice(span.start, span.start + span.length);
  return text?.split("\n").slice(0, LINES).join("\n");
}
