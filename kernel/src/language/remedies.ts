/** What a notebook's first hour gets wrong: names and commands of other notebooks, packages that are not there. TypeScript's own sentences name no remedy. */
import { dirname } from "node:path";
import ts from "./typescript.js";

/** "Cannot find module '...' or its corresponding type declarations." */
const NO_MODULE = 2307;

/** "Cannot find name '...'." */
const NO_NAME = 2304;

/** What takes the place of names that Python or a browser has. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  print: "console.log(...)",
  alert: "display(...)",
  prompt: "await input(...)",
};

/** A line that begins as a magic or a command of IPython's; `!done && next()` does not. */
const MAGIC = /^\s*(%{1,2}[a-z]\w*|![a-z]\w*(?=\s*$|\s+[\w./~-]))/i;

/** The sentence that is shown of an error: TypeScript's `message`, or one with the remedy. */
export function remedied(message: string, { code, start = 0 }: ts.Diagnostic, file: ts.SourceFile): string {
  const { line } = file.getLineAndCharacterOfPosition(start);
  const magic = MAGIC.exec(file.text.split("\n")[line] ?? "")?.[1];
  if (magic)
    return `${magic} is IPython's; cells are TypeScript: await sh("ls -l") runs a command, await timeit(() => f(x)) times a function`;
  const name = /'([^']*)'/.exec(message)?.[1] ?? "";
  if (code === NO_NAME && Object.hasOwn(ELSEWHERE, name)) return `${message} Here it is ${ELSEWHERE[name]}.`;
  return code === NO_MODULE ? missing(name, file) : message;
}

function missing(module: string, file: ts.SourceFile): string {
  if (module.startsWith("node:")) return `Node ${process.versions.node} has no module '${module}'; see nodejs.org/api`;
  if (ts.isExternalModuleNameRelative(module) || module.startsWith("/"))
    return `Cannot find '${module}', which is looked for from the notebook's folder, ${dirname(file.fileName)}`;
  const name = module.split("/", module.startsWith("@") ? 2 : 1).join("/");
  return `Cannot find the package '${name}' from the notebook's folder; if it is spelled so, await sh("npm install ${name}") installs it`;
}
