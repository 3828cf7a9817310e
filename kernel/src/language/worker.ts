/** The language thread: TypeScript for one notebook, asked over the port it is given. */
import { type MessagePort, workerData } from "node:worker_threads";
import { serve } from "../calls.ts";
import { openTidying } from "../memory.ts";
import type { Bundle, CompiledCell, Failure } from "../threads.ts";
import { openCells } from "./cells.ts";
import { type Completions, complete } from "./complete.ts";
import { inspect } from "./inspect.ts";
import { type Completeness, isComplete } from "./isComplete.ts";

/** What the language thread is given. */
export interface LanguageData {
  readonly port: MessagePort;
  /** The notebook's folder. */
  readonly folder: string;
}

const { port, folder } = workerData as LanguageData;
const cells = openCells(folder);

const tidy = openTidying();

/** What `work` returns; what it leaves is collected later. */
function tidied<T>(work: () => T): T {
  try {
    return work();
  } finally {
    tidy();
  }
}

const methods = {
  compile: (code: string, name: string, keep: boolean): CompiledCell | Failure => tidied(() => cells.compile(code, name, keep)),
  complete: (code: string, cursor: number): Completions => tidied(() => complete(cells, code, cursor)),
  inspect: (code: string, cursor: number, detail = 0): Bundle | undefined => tidied(() => inspect(cells, code, cursor, detail)),
  isComplete: (code: string): Completeness => isComplete(code),
};

/** For `caller`. */
export type Language = typeof methods;

serve(port, methods);
// The first questions cost seconds of reading libraries: asked here, nobody waits for them. What a client asked meanwhile goes first.
cells.compile('console.log("")', "cell", false);
setImmediate(() => {
  cells.compile('import * as all from "qmml"; all', "cell", false);
  // A program without qmml: until a cell imports it, its types and those of what it needs take 60 MB.
  cells.compile("0", "cell", false);
  tidy();
});
