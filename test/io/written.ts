/** Frames whose text, as qmml writes it, is kept in `test/reference/extxyz-written.extxyz` together with what ASE reads there. */
import type { Frame } from "../../src/io/frame.ts";
import { structure } from "../../src/structure/structure.ts";

export const written: readonly Frame[] = [
  {
    structure: structure({
      symbols: ["Cu", "N"],
      positions: [0.1, -0, 1e-12, 1 / 3, 2.5, -3.75],
      cell: [4.1, 0.3, 0, -0.2, 5, 0.7, 0.1, 0, 6],
      pbc: [true, false, true],
      fixed: [1],
      tags: [1, 0],
    }),
    result: {
      energy: -1.1,
      energies: Float64Array.of(-1, -0.1),
      forces: Float64Array.of(0.1, 0.2, 0.3, -0.4, 0.5, 1e-17),
      stress: Float64Array.of(1, 2, 3, 4, 5, 6.5),
      charges: Float64Array.of(0.25, -0.25),
      energySigma: 0.01,
      forcesSigma: Float64Array.of(1, 2, 3, 4, 5, 6),
    },
    info: {
      step: 3,
      ratio: 0.1,
      name: 'back\\slash, "quote" and [brackets]',
      lines: "one\ntwo",
      looksLikeNumber: "1.5",
      flag: false,
      list: [1, 2.5],
      truths: [true, false],
      nested: { a: [1, null], b: "x y" },
      rows: [
        [1, 2],
        [3, 4.5],
      ],
    },
    columns: { label: { type: "S", width: 1, values: ["a", "b"] }, weights: { type: "R", width: 2, values: [1, 2, 3, 4] } },
  },
  { structure: structure({ symbols: ["O"], positions: [0, 0, 0.1] }) },
];

if (process.argv[1] === import.meta.filename) {
  const { formatExtxyz } = await import("../../src/io/extxyz.ts");
  process.stdout.write(formatExtxyz(written));
}
