/**
 * Studies side by side, as an experiment compares them: a row for each relaxation of each, and a figure of each. Errors are those of the final
 * geometries by full QM; energies along a relaxation stand above its own last step, because surfaces have no common zero.
 */
import { spendingRow } from "../display/spending.ts";
import { ACCURACY, trajectoryChart } from "../display/trajectory.ts";
import type { History } from "../history/history.ts";
import { spendings } from "../history/spending.ts";
import { SCHEMES } from "../history/summary.ts";
import { verdictOf } from "../history/verdict.ts";
import type { Scheme } from "../study/events.ts";
import { type Figure, figure } from "./figure.ts";
import type { StudyHandle } from "./study.ts";

/** One relaxation of one of the studies. */
export interface ComparedRow {
  readonly study: string;
  readonly scheme: Scheme;
  /** null: the scheme has one relaxation. */
  readonly member: number | null;
  readonly converged: boolean;
  readonly failed: boolean;
  readonly steps: number;
  /** Full-QM energy of the final geometry above full QM's own minimum, meV; null: not verified. */
  readonly energyError: number | null;
  /** Of the core after superposition, scheme and full QM each at a minimum of its own, Å; null: not verified. */
  readonly coreRmsd: number | null;
  /** Its own and those of its pre-training. */
  readonly qmCalls: number;
  /** Of these calls, s. */
  readonly qmSeconds: number;
  /** Pre-training and retraining, s. */
  readonly trainingSeconds: number;
  /** Neither QM nor training, s. */
  readonly otherSeconds: number;
}

/** The units of the columns that have one. */
const UNITS = { energyError: "meV", coreRmsd: "Å", qmSeconds: "s", trainingSeconds: "s", otherSeconds: "s" } as const;

/** How to read a study's figure. */
const CAPTION =
  "Each relaxation is drawn above its own last step: the schemes walk on surfaces without a common zero, and only shapes may be compared. What may " +
  "be compared is calculated by full QM: the energy of each final geometry above full QM's own minimum, and the core's distance from it. Dots: " +
  "relaxations; bar: median. Seconds are those of one relaxation as if it had been alone, its pre-training included: the mean of its scheme.";

/** The same of energies alone. */
const ENERGIES_CAPTION = "Each relaxation is drawn above its own last step: only the shapes may be compared.";
const ERRORS_CAPTION =
  " The energy error is that of each final geometry by full QM, above full QM's own minimum. Dots: relaxations; bar: median; dashed: chemical " +
  "accuracy, 1 kcal/mol or 43 meV.";

/** What is drawn of a study. */
export interface ComparisonLook {
  /** `energies`: neither the geometry's error nor seconds; chemical accuracy is drawn however small the errors are. Default: all. */
  readonly only?: "energies";
}

/** Several studies. */
export interface Comparison {
  /** In the order of the studies, their schemes and members. */
  readonly rows: readonly ComparedRow[];
  /** Units of the columns, as `figure` takes them. */
  readonly units: typeof UNITS;
  /** The rows of some studies and schemes; default: of all. */
  of(study?: string, scheme?: Scheme): readonly ComparedRow[];
  /**
   * Energy along each relaxation of a study, errors of the final geometries, and seconds; its table is the study's rows.
   * @throws RangeError if there is no study of this name
   */
  figure(study: string, look?: ComparisonLook): Figure;
}

/**
 * Compares finished studies, by the names under which they are shown.
 * @throws RangeError if one of them is not finished
 */
export function comparison(studies: Readonly<Record<string, StudyHandle>>): Comparison {
  const histories = new Map(Object.entries(studies).map(([name, run]) => [name, run.history()]));
  for (const [name, { about }] of histories)
    if (about.state !== "finished") throw new RangeError(`the study ${name} is ${about.state}; await its finished before it is compared`);
  const rows = [...histories].flatMap(([name, h]) => rowsOf(name, h));
  const of = (study?: string, scheme?: Scheme): ComparedRow[] =>
    rows.filter((r) => (study === undefined || r.study === study) && (scheme === undefined || r.scheme === scheme));
  return {
    rows,
    units: UNITS,
    of,
    figure(study, { only } = {}) {
      const h = histories.get(study);
      if (h === undefined) throw new RangeError(`there is no study "${study}" here; there are ${[...histories.keys()].join(", ")}`);
      const { subtitle, description, rows: drawn } = trajectoryChart(h);
      const [[along, error], [, rmsd]] = drawn.map(({ panels }) => panels);
      const energies = only === "energies";
      const totals = energies ? [] : spendingRow(spendings(h)).flatMap(({ panels }) => panels.slice(1));
      const measured = error.empty === undefined;
      const against = { ...error, marks: [...error.marks.filter((m) => m.mark !== "rule"), ACCURACY] };
      const input = {
        title: `${study}: ${h.about.name}`,
        subtitle,
        description: `${description} ${verdictOf(h).sentence}.`,
        caption: energies ? `${ENERGIES_CAPTION}${measured ? ERRORS_CAPTION : ""}` : CAPTION,
        rows: energies
          ? [[along, ...(measured ? [against] : [])]]
          : [
              [along, error],
              [rmsd, ...totals],
            ],
        height: 190,
      };
      return figure(
        input,
        of(study).map((row) => ({ ...row })),
        UNITS,
      );
    },
  };
}

function rowsOf(study: string, h: History): ComparedRow[] {
  const spent = spendings(h);
  return [...h.summary]
    .sort((a, b) => SCHEMES.indexOf(a.scheme) - SCHEMES.indexOf(b.scheme))
    .map(({ scheme, member, converged, failure, steps, energyError, coreRmsd, qmCalls, qmSeconds, trainingSeconds }) => ({
      study,
      scheme,
      member,
      converged,
      failed: failure !== null,
      steps,
      energyError: energyError && 1000 * energyError,
      coreRmsd,
      qmCalls,
      qmSeconds,
      trainingSeconds,
      otherSeconds: spent.find((s) => s.scheme === scheme)?.runs.find((r) => r.member === member)?.totals.other ?? 0,
    }));
}
