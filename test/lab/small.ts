/** The project's notebooks in a small variant: the cells are theirs, word for word but for sizes and tolerances, so that they run in seconds. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const NOTEBOOKS = new URL("../../notebooks/", import.meta.url);

/** What is read in a notebook's file. */
export interface Notebook {
  readonly cells: readonly {
    readonly id: string;
    readonly cell_type: "markdown" | "code";
    readonly outputs?: readonly Output[];
    readonly source: readonly string[];
  }[];
}

/** An output of a cell. */
export interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Loose enough for each retraining to end at once, tight enough for the curves to have some points. */
const LOOSE = "tolerance: { energy: 0.02, force: 0.25 }, optimizer: { fmax: 0.2 }";

/** Texts of a notebook, each of which stands there once, and what replaces them. */
const SMALL: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "01-cu100.ipynb": {
    "size: [6, 6, 4]": "size: [3, 3, 3]",
    "vacuum: 8": "vacuum: 6",
    "height: 1.4": "height: 1.2",
    "within(2.6": "within(2.3",
    "qm: emt(),": `qm: emt(), buffer: 2.9, model: { hidden: [5, 5], cutoff: 3.4 }, pretraining: { rattled: 2, pieces: 2, strained: 1 }, ${LOOSE},`,
  },
  "02-fatty-acid.ipynb": {
    "fattyAcid(12,": "fattyAcid(8,",
    "qm: gfn2Xtb(),": `qm: gfn2Xtb(), pretraining: { rattled: 2, pieces: 2 }, ${LOOSE},`,
  },
};

/**
 * Writes the small variant of a notebook, without outputs, and returns its path.
 * @param more further inputs of the study, e.g. `members: 2`
 * @throws Error if a text to be replaced is not there once: then this file needs a look.
 */
export function writeSmall(name: string, folder: string, more = ""): string {
  const { cells, ...rest } = readNotebook(fileURLToPath(new URL(name, NOTEBOOKS)));
  let code = JSON.stringify(cells.map((cell) => (cell.cell_type === "code" ? { ...cell, outputs: [], execution_count: null } : cell)));
  for (const [there, small] of Object.entries(SMALL[name])) {
    const parts = code.split(inJson(there));
    if (parts.length !== 2) throw new Error(`${name} has "${there}" ${parts.length - 1} times; its small variant replaces it once`);
    code = parts.join(inJson(there.startsWith("qm:") ? `${small} ${more}` : small));
  }
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ ...rest, cells: JSON.parse(code) }));
  return path;
}

/** A notebook's file. */
export function readNotebook(path: string): Notebook {
  return JSON.parse(readFileSync(path, "utf8")) as Notebook;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
