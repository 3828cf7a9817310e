/** What the relaxations of each scheme cost until each of their steps, in words and as panels; `history/spending.ts` has the arithmetic. */
import { at, KINDS, type Kind, type SchemeSpending } from "../history/spending.ts";
import type { Axis, Hue, Mark, Panel, Row } from "./chart.ts";
import { counted, significant } from "./numbers.ts";
import { relaxationName, schemeName } from "./words.ts";

const KIND_WORDS: Record<Kind, string> = { pretraining: "pre-training", qm: "QM seconds", training: "training", other: "other" };

/** How to read it. */
export const SPENDING_CAPTION: string =
  "Last row, left: seconds that a relaxation had cost until each step, its pre-training (with the whole QM set) included; each is counted as " +
  "if it had been alone, with the seconds of the engine for every image, whoever asked first. Thick: median of the models, each " +
  "at its total once ended. Diamond: the step from which on full QM has cost more. Right: the totals, the parts those of the mean over models.";

/** The totals and the crossings in sentences. */
export function spendingSentence(all: readonly SchemeSpending[]): string[] {
  if (all.length === 0) return [];
  const totals = all.map(({ scheme, runs, middle }) => {
    const many = runs.length > 1 ? ` (median of ${counted(runs.length, "model")})` : "";
    return `${schemeName(scheme)} ${significant(middle[middle.length - 1])} s${many}`;
  });
  const crossings = all.flatMap(({ scheme, middle, crossing }) => {
    if (crossing === undefined) return [];
    const name = schemeName(scheme);
    return crossing === null
      ? [
          everDearer(all, middle)
            ? `No crossing: ${name} costs more than full QM at every step.`
            : `In the end ${name} costs more than full QM.`,
        ]
      : [
          crossing === 0
            ? `Full QM costs more than ${name} from the first step.`
            : `Full QM has cost more than ${name} from step ${crossing} on.`,
        ];
  });
  return [`One relaxation costs, pre-training included: ${totals.join(", ")}.`, ...crossings];
}

/** Seconds until each step, and the totals beside them. */
export function spendingRow(all: readonly SchemeSpending[]): Row[] {
  if (all.length === 0) return [];
  const values = all.flatMap((s) => s.runs.flatMap((r) => r.until)).filter((v) => v > 0);
  const wide = values.length > 0 && Math.max(...values) > 30 * Math.min(...values);
  const y: Axis = { label: "calculation", unit: "s", ...(wide ? { scale: "log" } : { reach: 0 }) };
  const shown = (v: number): number => (wide && !(v > 0) ? Number.NaN : v);
  const lines = all.flatMap(({ scheme, runs, middle }): Mark[] => {
    const many = runs.length > 1;
    const line = (name: string, weight: "model" | "single" | "median", until: readonly number[]): Mark => ({
      mark: "line",
      group:
        weight === "median"
          ? `${schemeName(scheme)}, median`
          : weight === "single"
            ? schemeName(scheme)
            : `${schemeName(scheme)}, each model`,
      name,
      hue: scheme,
      weight,
      x: until.map((_, k) => k),
      y: until.map(shown),
      ...(weight === "single" && { titles: until.map((v, k) => `${name}, until step ${k}: ${significant(v, 4)} s`) }),
    });
    return [
      ...runs.map((r) => line(relaxationName(scheme, r.member), many ? "model" : "single", r.until)),
      ...(many ? [line(`${schemeName(scheme)}, median`, "median", middle)] : []),
    ];
  });
  const crossed = all.flatMap(({ scheme, middle, crossing }): Mark[] => {
    if (typeof crossing !== "number") return [];
    const titles = [`full QM has cost more than ${schemeName(scheme)} from step ${crossing} on`];
    const group = "crossing with full QM";
    return [
      {
        mark: "dots",
        shape: "diamond",
        group,
        name: `${schemeName(scheme)}: ${group}`,
        hue: scheme,
        x: [crossing],
        y: [at(middle, crossing)],
        titles,
      },
    ];
  });
  const until: Panel = {
    title: "Seconds of a relaxation until each step",
    x: { label: "optimizer step", unit: null, whole: true },
    y,
    marks: [...lines, ...crossed],
    share: 1.75,
  };
  return [{ height: 180, panels: [until, totalsPanel(all)] }];
}

/** Stacked totals, each part the mean over the scheme's relaxations: parts of medians would not add up to one. */
function totalsPanel(all: readonly SchemeSpending[]): Panel {
  const mean = (s: SchemeSpending, kind: Kind): number => s.runs.reduce((sum, r) => sum + r.totals[kind], 0) / s.runs.length;
  const places = all.map((_, k) => k);
  let from = all.map(() => 0);
  const marks = KINDS.flatMap((kind): Mark[] => {
    const start = from;
    const to = all.map((s, k) => start[k] + mean(s, kind));
    from = to;
    if (to.every((v, k) => v === start[k])) return [];
    const hue: Hue = kind === "training" ? "retrained" : kind;
    const titles = all.map((s, k) => `${schemeName(s.scheme)}: ${KIND_WORDS[kind]} ${significant(to[k] - start[k], 4)} s`);
    const group = kind === "qm" ? "QM seconds" : kind === "training" ? "training seconds" : kind === "other" ? OTHER : "pre-training";
    return [{ mark: "bars", group, name: group, hue, pale: false, x: places, from: start, to, titles }];
  });
  return {
    title: "Seconds in all",
    x: { label: "scheme (mean of its relaxations)", unit: null, categories: all.map((s) => schemeName(s.scheme)) },
    y: { label: "calculation", unit: "s", reach: 0 },
    marks,
    counts: all.map((s, k) => ({ x: k, text: `n = ${s.runs.length}` })),
  };
}

/** Name of what is neither QM nor training. */
export const OTHER = "other seconds (the hybrid's own)";

/** Whether full QM has cost less at each step. */
function everDearer(all: readonly SchemeSpending[], other: readonly number[]): boolean {
  const full = all.find((s) => s.scheme === "full-qm")?.middle ?? [];
  return Array.from({ length: Math.max(full.length, other.length) }, (_, k) => k).every((k) => at(other, k) >= at(full, k));
}
