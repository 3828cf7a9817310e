/** Which file a relative import means: by TypeScript's rules of resolution for bundlers, so that what is typed is what runs. */
import { statSync } from "node:fs";
import { extname, join } from "node:path";

/** `./util.js` means `util.ts` where that exists. */
const SOURCES: Readonly<Record<string, string>> = { ".js": ".ts", ".mjs": ".mts", ".cjs": ".cts" };

/** @param path absolute, as imported: perhaps without extension, perhaps a folder with an index. @returns undefined if there is no file */
export function fileOf(path: string): string | undefined {
  const extension = extname(path);
  const source = SOURCES[extension];
  const candidates = [
    ...(source === undefined ? [] : [path.slice(0, -extension.length) + source]),
    path,
    `${path}.ts`,
    join(path, "index.ts"),
    `${path}.js`,
    join(path, "index.js"),
  ];
  return candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
}
