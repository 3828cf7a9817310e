/** From a checked cell to the function that runs. */
import type { CompiledCell } from "../threads.ts";
import { addCaptures, type Captures, copyable } from "./captures.ts";
import { RUNTIME } from "./loops.ts";
import { declaredNames, imported, isValue } from "./names.ts";
import { rename, slotName } from "./rename.ts";
import { type Rewritten, rewrite } from "./rewrite.ts";
import ts from "./typescript.js";

/**
 * JavaScript of a cell, and its declarations where TypeScript can write them.
 * @param length of the user's part of the file
 * @param captures of the cells so far; those of this one are added
 */
export function emit(
  program: ts.Program,
  file: ts.SourceFile,
  length: number,
  name: string,
  captures: Captures,
): { cell: CompiledCell; declarations?: string } {
  const checker = program.getTypeChecker();
  const own = file.statements.filter((statement) => statement.getStart(file) < length);
  const names = declaredNames(file);
  const slots = names.filter(({ value, node }) => value && node.pos < length).map(({ text }) => slotName(text));
  addCaptures(captures, checker, file, names);
  const last = own.at(-1);
  const learned: Rewritten = { waits: false };
  const written = new Map<string, string>();
  const { diagnostics } = program.emit(
    file,
    (path, text) => written.set(path.replace(/^.*?(\.d\.ts|\.js\.map|\.js)$/, "$1"), text),
    undefined,
    false,
    {
      before: [
        rename(
          checker,
          names.map(({ node }) => node),
        ),
      ],
      after: [
        rewrite(
          new Set(slots),
          copyable(checker, names, captures),
          last && (ts.isExpressionStatement(last) || ts.isExportAssignment(last)) ? last : undefined,
          learned,
        ),
      ],
    },
  );
  const modules: string[] = [];
  const bindings: string[] = [];
  for (const declaration of own.filter(ts.isImportDeclaration)) {
    const values = imported(declaration).filter(({ node, type }) => !type && isValue(checker, node));
    const whole = declaration.importClause === undefined;
    if (!whole && values.length === 0) continue;
    const index = modules.push((declaration.moduleSpecifier as ts.StringLiteral).text) - 1;
    for (const { node, name: key } of values)
      bindings.push(`${slotName(node.text)} = ${RUNTIME}.imported(${index}, ${JSON.stringify(key)});`);
  }
  for (const declaration of own) {
    const module = ts.isImportEqualsDeclaration(declaration) && !declaration.isTypeOnly && required(declaration);
    if (module) bindings.push(`${slotName(declaration.name.text)} = require(${JSON.stringify(module)});`);
  }
  const body = (written.get(".js") ?? "").replace(/^\/\/# sourceMappingURL=.*$/m, "");
  const code = `(${learned.waits ? "async " : ""}function (${RUNTIME}, require) { "use strict"; ${bindings.join(" ")}\n${body}\n})`;
  const cell = { name, code, map: written.get(".js.map") ?? "", slots, modules, waits: learned.waits };
  return diagnostics.length === 0 ? { cell, declarations: written.get(".d.ts") } : { cell };
}

/** `"m"` of `import x = require("m")`. */
function required({ moduleReference: from }: ts.ImportEqualsDeclaration): string | undefined {
  return ts.isExternalModuleReference(from) && ts.isStringLiteral(from.expression) ? from.expression.text : undefined;
}
