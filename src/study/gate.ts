/**
 * The lattice gate: whether the crystal of the models is that of QM, before a boundary between them is relaxed. QM's energies of five strained cells
 * give its curve E(a); each model has a lattice constant of its own, and
 *   E_QM(a_ML) - E_QM(a_QM) per atom, against the energy tolerance,
 * is what it costs QM to be at the models' lattice constant. A model that has failed pulls or presses at the boundary like any molecular mechanics
 * with another lattice. Rescaling the models (lattice: "rescale") mends the constant, not the pull: in notebook 07 the strain at the boundary grew
 * with it, so it is no advice. Static lattices of one metal; nothing is compared for molecules.
 */
import { modelCalculator } from "../ensemble/calculator.ts";
import type { Model } from "../ensemble/model.ts";
import { type EquationOfState, equationOfState, type LatticePoint } from "../optimize/equationOfState.ts";
import { lattice } from "../optimize/lattice.ts";
import { acceptedBy } from "../qm/engines.ts";
import { strain } from "../structure/strain.ts";
import { size } from "../structure/structure.ts";
import { type BulkCrystal, bulkCrystal } from "./bulkCrystal.ts";
import type { Payloads } from "./events.ts";
import type { Study, StudyFile } from "./studyFile.ts";
import { askQm, type Tools, type Yielded } from "./tools.ts";

/** The crystal that is compared on, or why there is none. */
export type GatePlan = { readonly crystal: BulkCrystal } | Pick<Payloads["gate"], "status" | "sentence">;

/** QM calls of a gate, as long as its lattice constant is within 3 % of the structure's own. */
export const GATE_CALLS = 5;

/** Strain from one cell to the next. */
const STEP = 0.015;
/** How many steps the five cells may move towards the minimum, one more call each: it is found within 7.5 to 9 %. */
const MOST_MOVES = 4;

/** What a study's gate will compare on. */
export function gatePlan({ file, structure }: Study): GatePlan {
  if (file.lattice === "off") return { status: "off", sentence: "lattice constants are not compared, as the study asks" };
  const crystal = bulkCrystal(structure);
  if (!crystal) return { status: "not applicable", sentence: "no lattice constants to compare: there is no fcc or bcc metal" };
  try {
    acceptedBy(file.qm, crystal.cell);
  } catch (error) {
    return { status: "not applicable", sentence: `no lattice constants to compare: ${(error as Error).message}` };
  }
  return { crystal };
}

/**
 * Compares the lattice constants of pre-trained models with QM's, or takes the comparison from the journal.
 * @param first number of the gate's first image, after those of the pre-training
 * @returns what lengths are multiplied by before each model sees them: 1, or a_ML / a_QM where the study rescales.
 * @throws Error with one sentence if the gate has failed and the study is to stop for it.
 */
export async function* latticeGate(
  tools: Tools,
  plan: GatePlan,
  models: readonly Model[],
  first: number,
): AsyncGenerator<Yielded, readonly number[]> {
  let payload = tools.memory.recall("gate", {})?.payload;
  if (!payload) {
    payload = "crystal" in plan ? yield* compared(tools, plan.crystal, models, first) : { ...plan, models: [], images: [] };
    yield { happening: { kind: "gate", payload } };
  }
  if (payload.status === "failed" && tools.file.lattice === "stop")
    throw new Error(`${payload.sentence}; the study ends here, as its lattice: "stop" says`);
  return payload.factors ?? models.map(() => 1);
}

async function* compared(
  tools: Tools,
  crystal: BulkCrystal,
  models: readonly Model[],
  first: number,
): AsyncGenerator<Yielded, Payloads["gate"]> {
  const { energy: tolerance } = tools.file.tolerance;
  const { images, points, missing } = yield* strainedCells(tools, crystal, first);
  const what = { element: crystal.element, crystal: crystal.crystal, a: crystal.a, images };
  if (missing !== undefined) {
    const sentence = `QM's lattice constant of ${crystal.crystal} ${crystal.element} was not found: ${missing}; lattice: "off" leaves it out`;
    return { status: "failed", sentence, ...what, models: [] };
  }
  const qm = equationOfState(points, crystal.crystal);
  const rows = await Promise.all(models.map((model, member) => modelRow(tools, crystal, qm, model, member)));
  const outside = rows.filter((r) => r.energyError === null || r.energyError > tolerance);
  const scales = tools.file.lattice === "rescale";
  return {
    status: outside.length === 0 ? "passed" : "failed",
    sentence: sentence(crystal, qm, rows, outside, tools.file),
    ...what,
    aQm: qm.a,
    bulkModulusQm: qm.bulkModulus,
    models: rows,
    ...(scales && { factors: rows.map((r) => (r.a === null ? 1 : r.a / qm.a)) }),
  };
}

/** QM's energies of five cells in a row, the lowest not at an end; or why there are none. */
async function* strainedCells(
  tools: Tools,
  { cell, a }: BulkCrystal,
  first: number,
): AsyncGenerator<Yielded, { images: string[]; points: LatticePoint[]; missing?: string }> {
  const known = new Map<number, LatticePoint>();
  const images: string[] = [];
  for (let centre = 0; ; ) {
    const window = [-2, -1, 0, 1, 2].map((k) => centre + k);
    for (const k of window.filter((k) => !known.has(k))) {
      const strained = `strained by ${(100 * STEP * k).toFixed(1)} %`;
      const reason = `lattice gate: bulk crystal, ${strained}`;
      const image = yield* askQm(tools, strain(cell, STEP * k), { image: first + images.length }, reason);
      if (!image) return { images, points: [], missing: `QM gave nothing for a cell ${strained}` };
      images.push(image.hash);
      known.set(k, { a: a * (1 + STEP * k), energyPerAtom: image.energy / size(cell) });
    }
    const points = window.map((k) => known.get(k) as LatticePoint);
    const lowest = points.reduce((best, p, k) => (p.energyPerAtom < points[best].energyPerAtom ? k : best), 0);
    if (lowest > 0 && lowest < 4) return { images, points };
    centre += lowest === 0 ? -1 : 1;
    if (Math.abs(centre) > MOST_MOVES) {
      const reach = (100 * STEP * (MOST_MOVES + 1)).toFixed(1);
      return { images, points, missing: `its energy has no minimum within ${reach} % of the structure's own ${a.toFixed(3)} Å` };
    }
  }
}

/** A model's lattice constant, and what QM says of it. */
async function modelRow(
  { architecture, signal }: Tools,
  { element, crystal }: BulkCrystal,
  qm: EquationOfState,
  model: Model,
  member: number,
): Promise<Payloads["gate"]["models"][number]> {
  try {
    const { a, bulkModulus } = await lattice(modelCalculator(architecture, model), { element, crystal, a: qm.a, signal });
    return { member, a, bulkModulus, energyError: qm.energyAt(a) - qm.energyPerAtom };
  } catch (error) {
    // No minimum there, or none that is smooth.
    if (!(error instanceof RangeError)) throw error;
    return { member, a: null, bulkModulus: null, energyError: null };
  }
}

/** What was found, and what it means. */
function sentence(
  { element, crystal, a: own }: BulkCrystal,
  qm: EquationOfState,
  rows: Payloads["gate"]["models"],
  outside: Payloads["gate"]["models"],
  { tolerance, lattice: then }: StudyFile,
): string {
  const constants = rows.flatMap((r) => r.a ?? []).map((a) => a.toFixed(4));
  const errors = rows.flatMap((r) => r.energyError ?? []);
  const [low, high] = [constants.toSorted()[0], constants.toSorted().at(-1)];
  const range = low === high ? `the models' ${low} Å` : `the models' from ${low} to ${high} Å`;
  const bound = `the tolerance of ${milli(tolerance.energy)} meV/atom`;
  const names = (list: typeof rows): string => `model${list.length === 1 ? "" : "s"} ${list.map((r) => r.member).join(", ")}`;
  const without = rows.filter((r) => r.a === null);
  const strained = qm.energyAt(own) - qm.energyPerAtom > tolerance.energy;
  return [
    `QM's lattice constant of ${crystal} ${element} is ${qm.a.toFixed(4)} Å${constants.length > 0 ? `, ${range}` : ""}`,
    ...(errors.length > 0
      ? [
          `there QM's energy is up to ${milli(Math.max(...errors))} meV/atom above its least, ${outside.length > without.length ? "more than" : "within"} ${bound}`,
        ]
      : []),
    ...(without.length > 0 ? [`${names(without)}: no minimum within 5 % of QM's`] : []),
    ...(strained ? [`the structure's own, ${own.toFixed(4)} Å, is strained in QM`] : []),
    ...(outside.length > 0 && then !== "rescale"
      ? [`the lattice of ${names(outside)} strains the boundary; more strained cells (pretraining.strained) teach it`]
      : []),
    ...(then === "rescale" ? ["each model sees all lengths multiplied by its own lattice constant over QM's"] : []),
  ].join("; ");
}

/** eV as meV in words. */
function milli(energy: number): string {
  return String(Number((1000 * energy).toPrecision(2)));
}
