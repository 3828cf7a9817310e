/** Descriptor settings as a file has them; apart from `settings.ts`, so that threads need not load what checks files. */
import { z } from "zod";
import { numberOf } from "../structure/elements.ts";
import type { AngularFunction, DescriptorSettings } from "./settings.ts";

const angular = z.strictObject({
  eta: z.number().nonnegative(),
  zeta: z.array(z.number().positive()),
  gamma: z.array(z.number().min(-1).max(1)),
});
const fileSchema = z.looseObject({
  cutoff: z.number().positive(),
  cutoff_fn: z.union([z.literal("cosine"), z.strictObject({ polynomial: z.number().min(2) })]).default("cosine"),
  G2_eta: z.array(z.number().nonnegative()).default([]),
  G2_rs: z.array(z.number()).default([0]),
  G4: angular.optional(),
  G5: angular.optional(),
  exponents_over_Rc2: z.boolean().default(true),
  elements: z.array(z.string()).optional(),
});

/**
 * Reads a descriptor file's content: `{cutoff, cutoff_fn, G2_eta, G2_rs?, G4: {eta, zeta[], gamma[]}, G5?, exponents_over_Rc2}`.
 * Where `exponents_over_Rc2` is false, etas are in Å⁻² and are converted.
 * @param elements of the data, used unless the file names its own.
 * @throws ZodError if the file has another form.
 */
export function descriptorsFrom(content: unknown, elements: Iterable<number>): DescriptorSettings {
  const file = fileSchema.parse(content);
  const unit = file.exponents_over_Rc2 ? 1 : file.cutoff * file.cutoff;
  const expanded = (a: z.infer<typeof angular> | undefined): AngularFunction[] =>
    a ? a.zeta.flatMap((zeta) => a.gamma.map((gamma) => ({ eta: a.eta * unit, zeta, gamma }))) : [];
  return {
    cutoff: file.cutoff,
    cutoffFunction: file.cutoff_fn,
    elements: [...new Set(file.elements ? file.elements.map(numberOf) : elements)].sort((a, b) => a - b),
    g2: file.G2_rs.flatMap((rs) => file.G2_eta.map((eta) => ({ eta: eta * unit, rs }))),
    g4: expanded(file.G4),
    g5: expanded(file.G5),
  };
}
