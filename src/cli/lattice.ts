/** `qmml lattice`: lattice constant and bulk modulus of a cubic crystal on any energy surface. */
import { z } from "zod";
import { lattice } from "../optimize/lattice.ts";
import { ENGINES } from "../qm/engines.ts";
import { SURFACE_OPTIONS, SURFACE_USAGE, surfaceFields, withSurface } from "./calculatorOption.ts";
import { type Command, command as defined, positive, text } from "./command.ts";

/** Å; the Gamma point alone then stands for the bulk of copper to a few hundredths of an Å. */
const GAMMA_EDGE = 7;

export const command: Command = defined({
  usage: `--element Cu --crystal fcc ${SURFACE_USAGE} [--a GUESS]`,
  positionals: [],
  options: {
    element: { type: "string", value: "SYMBOL", help: "chemical symbol" },
    crystal: { type: "string", value: "NAME", help: "fcc, bcc, sc or diamond" },
    a: { type: "string", value: "GUESS", help: "guess in Å; the search then stays within 5 % of it (default: wide, from the element)" },
    ...SURFACE_OPTIONS,
  },
  input: z.object({
    ...surfaceFields,
    element: text("give a chemical symbol, e.g. --element Cu"),
    crystal: z.enum(["fcc", "bcc", "sc", "diamond"], "give --crystal fcc, bcc, sc or diamond"),
    a: positive("Å").optional(),
  }),
  async run({ element, crystal, a, ...surface }, io) {
    const found = await withSurface(surface, (calculator) => {
      io.print(`${crystal} ${element} with ${calculator.name}`);
      const leastEdge = ENGINES[calculator.name]?.gammaOnly ? GAMMA_EDGE : undefined;
      return lattice(calculator, { element, crystal, a, leastEdge, signal: io.signal });
    });
    io.print(`  a               ${found.a.toFixed(6)} Å`);
    io.print(`  energy          ${found.energyPerAtom.toFixed(6)} eV/atom`);
    io.print(`  bulk modulus    ${found.bulkModulus.toFixed(2)} GPa`);
    return { json: found };
  },
});
