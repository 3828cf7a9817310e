/** `qmml buffer`: how large the buffer of a study must be, by QM forces on the core in clusters that grow. */
import { z } from "zod";
import { significant } from "../display/numbers.ts";
import { type TextTable, tableText } from "../display/table.ts";
import { openEngine } from "../qm/engines.ts";
import { select } from "../structure/regions.ts";
import { formula } from "../structure/structure.ts";
import { type BufferCall, type BufferSearch, type BufferSize, bufferName, bufferSearch, growingBuffers } from "../study/bufferSearch.ts";
import { readStudy } from "../study/folder.ts";
import { type Command, command as defined, positive } from "./command.ts";

export const command: Command = defined({
  usage: "STUDY.json [--tolerance 0.05] [--up-to 7] [--full]",
  positionals: ["study"],
  options: {
    tolerance: { type: "string", value: "FORCE", help: "largest error of the force on a core atom, eV/Å (default 0.05)" },
    "up-to": { type: "string", value: "BUFFER", help: "largest buffer to try, in the study file's unit (default 7 Å or 6 bonds)" },
    full: { type: "boolean", help: "compare with QM of all atoms, not with the largest cluster" },
  },
  input: z.object({
    study: z.string(),
    tolerance: positive("eV/Å").default(0.05),
    upTo: positive("Å or bonds").optional(),
    full: z.boolean().default(false),
  }),
  async run({ study: path, tolerance, upTo, full }, io) {
    const { name, file, structure } = await readStudy(path);
    const { buffer: own, links, wholeMolecules } = file;
    const core = select(structure, file.core);
    const engine = await openEngine(file.qm, { signal: io.signal, timeout: file.timeout });
    const calls: BufferCall[] = [];
    const report = (call: BufferCall): void => {
      if (calls.at(-1)?.seconds === null) calls.pop();
      calls.push(call);
      io.live(lines(calls));
    };
    try {
      if (full) engine.accepts(structure);
      io.print(`${name}: ${formula(structure)}, ${structure.numbers.length} atoms, ${core.length} of them core; QM engine ${engine.name}`);
      // Of equal clusters the first is named: the study's own.
      const buffers = [own, ...growingBuffers(typeof own === "number" ? "Å" : "bonds", upTo)];
      const found = await bufferSearch(structure, core, engine, {
        ...{ buffers, tolerance, full, links, wholeMolecules },
        ...{ signal: io.signal, report },
      });
      io.live(lines(calls, found), true);
      for (const { buffer, message } of found.refused) io.print(`without ${bufferName(buffer)}: ${message}`);
      if (found.proposed === null) return { json: found, failure: shortfall(found) };
      io.print(proposal(found, own));
      return { json: found };
    } finally {
      await engine.close();
    }
  },
});

/** The table of the calls so far, with the errors once they are known. */
function lines(calls: readonly BufferCall[], found?: BufferSearch): string[] {
  const columns = [["buffer"], ["atoms"], ["links"], ["QM", "s"], ["core force error", "eV/Å"]].map(([name, unit = ""]) => ({
    name,
    unit,
  }));
  const errorOf = ({ buffer }: BufferCall): number | null => found?.rows.find((row) => row.buffer === buffer)?.coreForceError ?? null;
  const rows = calls.map((call): TextTable["rows"][number] => [
    call.buffer === null ? "all atoms" : bufferName(call.buffer),
    String(call.atoms),
    String(call.links),
    call.seconds === null ? (found ? "failed" : "…") : significant(call.seconds, 2),
    significant(errorOf(call), 2),
  ]);
  return tableText({ columns, rows }).split("\n");
}

/** What the errors are errors against. */
function reference({ rows, fullSeconds }: BufferSearch): string {
  return fullSeconds === null ? bufferName(rows[rows.length - 1].buffer) : "full QM";
}

function proposal(found: BufferSearch, own: BufferSize): string {
  const mine = found.rows.find((row) => row.buffer === own);
  const isOwn = found.proposed === own;
  const other = !isOwn && mine ? ` The study file has ${bufferName(own)} (${significant(mine.coreForceError, 2)} eV/Å).` : "";
  return (
    `A buffer of ${bufferName(found.proposed as BufferSize)}${isOwn ? ", as the study file has it," : ""} is enough: from there on QM forces on the core are within ` +
    `${found.tolerance} eV/Å of those of ${reference(found)}.${other}`
  );
}

function shortfall(found: BufferSearch): string {
  const judged = found.fullSeconds === null ? found.rows.slice(0, -1) : found.rows;
  const largest = judged[judged.length - 1];
  const remedy = `raise --up-to or --tolerance${found.fullSeconds === null ? ", or compare with --full" : ""}`;
  if (!largest) return `QM gave forces for ${reference(found)} alone, which there is nothing to compare with; ${remedy}`;
  return `QM forces on the core with ${bufferName(largest.buffer)} are still ${significant(largest.coreForceError, 2)} eV/Å from those of ${reference(found)}, more than ${found.tolerance} eV/Å; ${remedy}`;
}
