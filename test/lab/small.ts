/** The project's notebooks in their small variants, which run in seconds: the cells are theirs, the parameters those of notebooks/variants.json. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assignments, variantsIn } from "../../.dev/notebooks.mjs";

/** The notebooks' folder. */
export const NOTEBOOKS: string = fileURLToPath(new URL("../../notebooks", import.meta.url));

/** What is read in a notebook's file. */
export interface Notebook {
  readonly cells: readonly {
    readonly id: string;
    readonly cell_type: "markdown" | "code";
    readonly metadata: { readonly tags?: readonly string[] };
    readonly outputs?: readonly Output[];
    readonly source: string | readonly string[];
  }[];
}

/** An output of a cell. */
export interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Writes the small variant of a notebook, without outputs, and returns its path.
 * @param options inputs of its study in place of the variant's, e.g. `{ members: 1 }`
 */
export function writeSmall(name: string, folder: string, options: Readonly<Record<string, unknown>> = {}): string {
  const { cells, ...rest } = readNotebook(join(NOTEBOOKS, `${name}.ipynb`));
  const own = variantsIn(NOTEBOOKS).small[name];
  const code = assignments({ ...own, options: { ...(own.options as object), ...options } });
  const small = cells.map((cell) => {
    if (cell.cell_type !== "code") return cell;
    const source = cell.metadata.tags?.includes("parameters") ? `${textOf(cell.source)}\n${code}` : cell.source;
    return { ...cell, source, outputs: [], execution_count: null };
  });
  const path = join(folder, `${name}.ipynb`);
  writeFileSync(path, JSON.stringify({ ...rest, cells: small }));
  return path;
}

/** A notebook's file. */
export function readNotebook(path: string): Notebook {
  return JSON.parse(readFileSync(path, "utf8")) as Notebook;
}

/** A cell's source, which may be one text or its lines. */
export function textOf(source: string | readonly string[]): string {
  return typeof source === "string" ? source : source.join("");
}
