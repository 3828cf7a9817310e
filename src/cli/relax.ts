/** `qmml relax`: BFGS from the last frame of a file to the nearest minimum, shown step by step. */
import { z } from "zod";
import { formatExtxyz } from "../io/extxyz.ts";
import { readFrames } from "../io/files.ts";
import type { Info } from "../io/frame.ts";
import { writeWhole } from "../io/whole.ts";
import { type RelaxStep, relax } from "../optimize/relax.ts";
import { SURFACE_OPTIONS, SURFACE_USAGE, surfaceFields, withSurface } from "./calculatorOption.ts";
import { type Command, command as defined, positive, text, whole } from "./command.ts";
import { checkOutput, type OutputFormat } from "./output.ts";

export const command: Command = defined({
  usage: `IN -o OUT ${SURFACE_USAGE} [--fmax 0.05] [--steps 200]`,
  positionals: ["in"],
  options: {
    output: { type: "string", short: "o", value: "OUT", help: "every step: .xyz or .extxyz (17 digits), or .json (energies and fmax)" },
    ...SURFACE_OPTIONS,
    fmax: { type: "string", value: "FORCE", help: "converged when no free atom feels a larger force, eV/Å (default 0.05)" },
    steps: { type: "string", value: "N", help: "give up after so many steps, with exit status 1 (default 200)" },
  },
  input: z.object({
    ...surfaceFields,
    in: z.string(),
    output: text("give -o OUT for the steps"),
    fmax: positive("eV/Å").default(0.05),
    steps: whole(0).default(200),
  }),
  async run({ in: path, output, fmax, steps: maxSteps, ...surface }, io) {
    const steps: RelaxStep[] = [];
    await withSurface(surface, async (calculator, stated) => {
      const format = await checkOutput(output);
      const frames = await readFrames(path);
      const { structure, info } = frames[frames.length - 1];
      const start = stated(structure);
      if (frames.length > 1) io.warn(`qmml relax: ${path} has ${frames.length} frames; the last one is relaxed`);
      io.print(`${"step".padStart(5)} ${"energy / eV".padStart(16)} ${"fmax / eV/Å".padStart(12)}`);
      try {
        for await (const here of relax(start, calculator, { fmax, maxSteps, signal: io.signal })) {
          steps.push(here);
          io.print(`${String(here.step).padStart(5)} ${here.energy.toFixed(6).padStart(16)} ${here.fmax.toFixed(4).padStart(12)}`);
        }
      } finally {
        // What was calculated before an interruption or a failure is worth keeping.
        if (steps.length > 0) await writeWhole(output, formatted(format, steps, info));
      }
    });
    const last = steps[steps.length - 1];
    io.print(`${last.converged ? "converged" : "not converged"}; ${steps.length} geometries written to ${output}`);
    if (last.converged) return { json: summary(steps) };
    const failure = `not converged after ${last.step} steps: fmax is ${last.fmax.toFixed(4)}, not below ${fmax} eV/Å; raise --steps`;
    return { json: summary(steps), failure };
  },
});

function summary(steps: readonly RelaxStep[]): object {
  return { converged: steps[steps.length - 1].converged, steps: steps.map(({ energy, fmax }) => ({ energy, fmax })) };
}

function formatted(format: OutputFormat, steps: readonly RelaxStep[], info: Info | undefined): string {
  if (format === "json") return `${JSON.stringify(summary(steps))}\n`;
  return formatExtxyz(steps.map(({ structure, energy, forces }) => ({ structure, info, result: { energy, forces } })));
}
