/** `qmml describe`: the fingerprints that a model sees of every atom of a file, raw and as scaled for its networks. */
import { z } from "zod";
import { scaleFactors } from "../descriptors/scaling.ts";
import { describer } from "../descriptors/symmetryFunctions.ts";
import type { ModelFile } from "../ensemble/modelFile.ts";
import { readFrames } from "../io/files.ts";
import { writeWhole } from "../io/whole.ts";
import { type Structure, symbols } from "../structure/structure.ts";
import { readModel } from "./calculatorOption.ts";
import { type Command, command as defined, text, UsageError } from "./command.ts";
import { checkPlace } from "./output.ts";

export const command: Command = defined({
  usage: "--model PATH IN -o OUT.json",
  positionals: ["in"],
  options: {
    model: { type: "string", value: "PATH", help: "trained model; of an ensemble the first member's scaling" },
    output: { type: "string", short: "o", value: "OUT.json", help: "fingerprints of each atom; may be left out with --json" },
  },
  input: z.object({ in: z.string(), model: text("give a trained model"), output: z.string().optional() }),
  async run({ in: path, model, output }, io) {
    if (output === undefined && !io.json) throw new UsageError("give -o OUT.json for the fingerprints, or --json to print them");
    if (output !== undefined) await checkPlace(output);
    const file = await readModel(model);
    const frames = await readFrames(path);
    const json = { frames: frames.map(({ structure }) => ({ atoms: described(structure, file) })) };
    if (output !== undefined) {
      await writeWhole(output, `${JSON.stringify(json)}\n`);
      io.print(`${json.frames.length} frames, ${json.frames[0].atoms[0].raw.length} numbers an atom, written to ${output}`);
    }
    return { json };
  },
});

interface DescribedAtom {
  readonly element: string;
  readonly raw: readonly number[];
  readonly scaled: readonly number[];
}

function described(structure: Structure, { architecture, models: [scaling] }: ModelFile): DescribedAtom[] {
  const { size, describe } = describer(structure, architecture.descriptors);
  const factors = scaleFactors(scaling);
  return symbols(structure).map((element, i) => {
    const raw = [...describe(i).values];
    const from = architecture.descriptors.elements.indexOf(structure.numbers[i]) * size;
    return { element, raw, scaled: raw.map((x, k) => factors[from + k] * (x - (scaling.low[from + k] + scaling.high[from + k]) / 2)) };
  });
}
