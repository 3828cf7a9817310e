/** What is said of atoms that were picked, and the rings and lines that go with it. */
import { chain } from "../../../src/display/measure.ts";
import { fixed, significant } from "../../../src/display/numbers.ts";
import type { AtomRow } from "../../../src/history/atoms.ts";
import type { FrameRow } from "../../../src/history/trajectory.ts";
import type { Rows } from "../rows.ts";
import type { Scene } from "../scene.ts";
import { trans } from "../words.ts";
import { type Measured, valuesOf } from "./colouring.ts";
import { type Marks, NO_MARKS } from "./marks.ts";

/** A sentence and what is drawn for it. */
export interface Measurement {
  readonly words: string;
  readonly marks: Marks;
}

/** Most atoms that are measured together: a dihedral's. */
const MOST_PICKED = 4;

/** The atoms after one more was picked: the last one again lets go of it; a fifth begins anew. */
export function pickedWith(picked: readonly number[], atom: number): number[] {
  if (atom < 0) return [];
  if (picked.at(-1) === atom) return picked.slice(0, -1);
  return picked.length === MOST_PICKED || picked.includes(atom) ? [atom] : [...picked, atom];
}

/** Measures the picked atoms in a frame. */
export function measured(rows: Pick<Rows, "about" | "atoms">, frame: FrameRow, scene: Scene, picked: readonly number[]): Measurement {
  const atoms = picked.filter((i) => i < rows.atoms.length);
  if (atoms.length === 0) return { words: "", marks: NO_MARKS };
  const { steps, value, unit } = chain(frame.positions, atoms, rows.about.cell, rows.about.pbc);
  const places = scene.place(frame.positions);
  // Rings and lines follow the shortest images, so that the picture shows what the number says.
  const ends = [Array.from(places.subarray(3 * atoms[0], 3 * atoms[0] + 3))];
  for (const step of steps) ends.push(ends[ends.length - 1].map((x, k) => x + step[k]));
  const label = value === null ? "" : `${fixed(value, unit === "Å" ? 3 : 1)} ${unit}`.replace(" °", "°");
  return {
    words:
      atoms.length === 1 ? aboutAtom(rows.atoms[atoms[0]], frame) : `${measureName(atoms.length)} ${namesOf(rows.atoms, atoms)}: ${label}`,
    marks: {
      rings: atoms.map((i, k) => ({ at: ends[k], radius: scene.balls[i].radius })),
      lines: steps.map((_, k) => [ends[k], ends[k + 1]] as const),
      label,
    },
  };
}

/** `Cu 12`. */
export function atomName({ symbol, atom }: Pick<AtomRow, "symbol" | "atom">): string {
  return `${symbol} ${atom}`;
}

function namesOf(rows: readonly AtomRow[], atoms: readonly number[]): string {
  return atoms.map((i) => atomName(rows[i])).join(" – ");
}

function measureName(n: number): string {
  return [trans.__("Distance"), trans.__("Angle"), trans.__("Dihedral")][n - 2];
}

/** Element, index, region, position, forces: `N 144 · core · free · r = (…) Å · F = (…), 0.03 eV/Å`. */
function aboutAtom(row: AtomRow, frame: FrameRow): string {
  const at = 3 * row.atom;
  const vector = (v: Float64Array, decimals: number): string => `(${[0, 1, 2].map((k) => fixed(v[at + k], decimals)).join(", ")})`;
  const number = (colouring: Measured): number => valuesOf(colouring, frame)?.[row.atom] ?? Number.NaN;
  const more = [
    { name: trans.__("force error"), value: number("force error") },
    { name: trans.__("uncertainty"), value: number("uncertainty") },
  ];
  return [
    atomName(row),
    row.role,
    row.fixed ? trans.__("fixed") : trans.__("free"),
    `r = ${vector(frame.positions, 3)} Å`,
    `F = ${vector(frame.forces, 3)}, |F| = ${significant(number("force"))} eV/Å`,
    ...more.flatMap(({ name, value }) => (Number.isNaN(value) ? [] : [`${name} ${significant(value)} eV/Å`])),
  ].join(" · ");
}
