/** `qmml compute`: what a calculator or a model answers for every frame of a file. */
import { z } from "zod";
import type { Calculator, Property, Result } from "../calculators/calculator.ts";
import { formatExtxyz } from "../io/extxyz.ts";
import { formatJson, readFrames } from "../io/files.ts";
import type { Frame } from "../io/frame.ts";
import { writeWhole } from "../io/whole.ts";
import { rank } from "../linalg/cell.ts";
import { fmax } from "../optimize/relax.ts";
import { formula, type Structure } from "../structure/structure.ts";
import { SURFACE_OPTIONS, SURFACE_USAGE, surfaceFields, withSurface } from "./calculatorOption.ts";
import { type Command, command as defined, type Io, UsageError } from "./command.ts";
import { checkOutput } from "./output.ts";

export const command: Command = defined({
  usage: `${SURFACE_USAGE} IN -o OUT`,
  positionals: ["in"],
  options: {
    ...SURFACE_OPTIONS,
    output: {
      type: "string",
      short: "o",
      value: "OUT",
      help: "results: .xyz or .extxyz (17 digits) or .json; may be left out with --json",
    },
  },
  input: z.object({ ...surfaceFields, in: z.string(), output: z.string().optional() }),
  async run({ in: path, output, ...surface }, io) {
    if (output === undefined && !io.json) throw new UsageError("give -o OUT for the results, or --json to print them");
    const { format, done } = await withSurface(surface, async (calculator, stated) => ({
      format: output === undefined ? undefined : await checkOutput(output),
      done: await calculated(await readFrames(path), path, { calculator, stated }, io),
    }));
    const json = formatJson(done);
    if (output !== undefined) {
      await writeWhole(output, format === "json" ? json : formatExtxyz(done));
      io.print(`written to ${output}`);
    }
    return { json: JSON.parse(json) as object };
  },
});

/** The frames with what the calculator answers, a line each. */
async function calculated(
  frames: readonly Frame[],
  path: string,
  { calculator, stated }: { calculator: Calculator; stated: (s: Structure) => Structure },
  io: Io,
): Promise<Frame[]> {
  const done: Frame[] = [];
  for (const [k, frame] of frames.entries()) {
    const answered = async (): Promise<Frame & { result: Result }> => {
      const structure = stated(frame.structure);
      // Without what it took, so that equal calculations write equal files.
      const {
        seconds: _,
        peakMemory: _memory,
        node: _node,
        ...result
      } = await calculator.calculate(structure, answerable(calculator, structure), io.signal);
      return { ...frame, structure, result };
    };
    const { structure, result, ...rest } = await answered().catch((error: unknown) => {
      if (frames.length === 1 || !(error instanceof Error)) throw error;
      throw new RangeError(`frame ${k} of ${path}: ${error.message}`, { cause: error });
    });
    // Whoever is refused sees no table.
    if (k === 0) io.print(`${"frame".padStart(5)}  ${"atoms".padEnd(16)} ${"energy / eV".padStart(16)} ${"fmax / eV/Å".padStart(12)}`);
    done.push({ ...rest, structure, result });
    const largest = result.forces === undefined ? "" : fmax(result.forces, structure.fixed).toFixed(4);
    io.print(`${String(k).padStart(5)}  ${formula(structure).padEnd(16)} ${result.energy.toFixed(6).padStart(16)} ${largest.padStart(12)}`);
  }
  return done;
}

/** All that the calculator can answer for this structure; stress only where something repeats and a volume is defined. */
function answerable(calculator: Calculator, { cell, pbc }: Structure): Property[] {
  return calculator.properties.filter((property) => property !== "stress" || (pbc.includes(true) && rank(cell) === 3));
}
