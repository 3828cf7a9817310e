/**
 * View `trajectory`: the relaxations of all schemes. Energies on different surfaces have no common zero, so each relaxation is drawn
 * relative to its own last step; what can be compared between schemes, full QM's verdict on where each ended, stands beside it.
 */
import type { History } from "../history/history.ts";
import type { MessageRow } from "../history/messages.ts";
import { median } from "../history/spread.ts";
import type { StepRow } from "../history/steps.ts";
import { SCHEMES, type SummaryRow } from "../history/summary.ts";
import { CHEMICAL_ACCURACY } from "../history/verdict.ts";
import { absurd } from "../study/absurd.ts";
import type { Scheme } from "../study/events.ts";
import { bundle, type MimeBundle, type StudyReference } from "./bundle.ts";
import { type Axis, axisTitle, type Chart, type Mark, type Panel } from "./chart.ts";
import { framesChart } from "./frames.ts";
import { MOLECULE_WORDS, moleculeBlock } from "./moleculeSvg.ts";
import { counted, significant } from "./numbers.ts";
import { plotlyFigure } from "./plotly.ts";
import { type Shown, STRUCTURE_WORDS, structureBlock } from "./structureSvg.ts";
import { chartBlock } from "./svg.ts";
import { type Block, svgDocument } from "./svgDocument.ts";
import { chartText } from "./text.ts";
import { relaxationName, schemeName, subject } from "./words.ts";

/** Chemical accuracy in a panel of energy errors. */
export const ACCURACY: Extract<Mark, { mark: "rule" }> = { mark: "rule", name: "chemical accuracy (1 kcal/mol)", y: CHEMICAL_ACCURACY };

/** How energies of different steps become one curve although retraining moved the surface between them; or that they do not. */
const MOVED =
  "Where a surface was brought up to date between two steps, the geometry before was evaluated again, so that every change drawn is that of a " +
  "step on the surface on which it was made, and the change of the surface itself is left out.";
const JUMPS = "Where a surface was brought up to date between two steps, its curve jumps.";

/** What a band and its width mean, where there is one. */
const SPREAD =
  " Shaded: the committee's mean energy at each step, give or take the standard deviation over its members of that energy, not of its change.";

/** The view's chart; that of a plain file's frames where no step belongs to a scheme. */
export function trajectoryChart(h: Pick<History, "about" | "steps" | "summary" | "messages">): Chart {
  if (h.steps.length > 0 && h.steps.every((r) => r.scheme === null)) return framesChart(h);
  const paths = relaxationsOf(h.steps);
  const chained = paths.every((p) => isChained(p.rows));
  const step: Axis = { label: "optimizer step", unit: null, whole: true };
  const curves = (values: (path: Path) => number[], unit: "eV" | "eV/Å"): Mark[] =>
    paths.map((path) => {
      const { scheme, member, rows } = path;
      const name = relaxationName(scheme, member);
      const y = values(path);
      return {
        mark: "line",
        group: groupName(scheme, paths.filter((p) => p.scheme === scheme).length),
        name,
        hue: scheme,
        weight: scheme === "committee" ? "mean" : member === null ? "single" : "model",
        x: rows.map((r) => r.step ?? 0),
        y,
        titles: rows.map((r, k) => {
          const spread = unit === "eV" && r.sigma !== null ? `, σ ${significant(r.sigma)} eV` : "";
          return `${name}, step ${r.step}: ${significant(y[k], 6)} ${unit}${spread}`;
        }),
      };
    });
  // The names of four schemes need more room beside the curves.
  const share = new Set(h.summary.map((r) => r.scheme)).size > 3 ? 1.35 : 1.75;
  const heights = (path: Path): number[] => heightsAlong(path.rows, leftAgain(h.messages, path));
  const energies = curves(heights, "eV");
  const forces = curves(({ rows }) => rows.map((r) => r.fmax), "eV/Å");
  const bands = paths.flatMap((p): Mark[] => bandOf(p, heights(p)));
  const empty = paths.length === 0 ? { empty: "no step yet" } : {};
  const energyPanel: Panel = {
    title: "Energy along each relaxation",
    x: step,
    y: { label: "E − E(last step)", unit: "eV" },
    marks: [...energies, ...bands, ...messageMarks(h.messages, energies), ...endMarks(h, energies)],
    share,
    ...empty,
  };
  const limit: Mark = { mark: "rule", name: "tolerance", y: h.about.fmax };
  const forcePanel: Panel = {
    title: "Largest force",
    x: step,
    y: { label: "fmax", unit: "eV/Å", scale: "log" },
    marks: paths.length === 0 ? [] : [...forces, ...endMarks(h, forces), limit],
    share,
    ...empty,
  };
  const error = errorPanel(
    h.summary,
    "Energy error by full QM",
    { label: "ΔE", unit: "meV" },
    (r) => r.energyError && 1000 * r.energyError,
    ACCURACY,
  );
  const rmsd = errorPanel(h.summary, "Geometry of the core", { label: "RMSD", unit: "Å" }, (r) => r.coreRmsd);
  return {
    title: `${h.about.name}: relaxations`,
    subtitle: subject(h.about),
    description: description(h, [error, rmsd]),
    caption:
      "Left: every relaxation from its first step to its last. The schemes walk on different energy surfaces without a common zero: " +
      `each is drawn above its own last step, and only the shapes may be compared. ${chained ? MOVED : JUMPS}` +
      `${bands.length > 0 ? SPREAD : ""} Right: what may be ` +
      "compared: the full-QM energy of each final geometry above full QM's own minimum, and the core's distance from it after " +
      "superposition. Dots: relaxations; bar: median.",
    rows: [
      { height: 190, panels: [energyPanel, error] },
      { height: 150, panels: [forcePanel, rmsd] },
    ],
  };
}

/** Drawings of the first and the last frame of one relaxation, of the retrained scheme if there is one; none without a frame. */
export function structureDrawing(h: Pick<History, "about" | "atoms" | "trajectory">): Block[] {
  const preferred: readonly Scheme[] = ["retrained", "committee", "frozen", "full-qm"];
  const scheme = preferred.find((s) => h.trajectory.some((f) => f.scheme === s));
  if (scheme === undefined) return [];
  const frames = h.trajectory.filter((f) => f.scheme === scheme && f.member === h.trajectory.find((o) => o.scheme === scheme)?.member);
  const ends = frames.length === 1 ? [frames[0]] : [frames[0], frames[frames.length - 1]];
  const shown: Shown[] = ends.map((frame) => ({ frame, title: `step ${frame.step}` }));
  const heading = `Structure: first and last step of ${ends[0].member === null ? "the" : "one"} ${schemeName(scheme)} relaxation`;
  return [isMolecule(h.about) ? moleculeBlock(heading, h.atoms, h.about, shown) : structureBlock(heading, h.atoms, h.about, shown)];
}

/** How to read that drawing. */
export function structureWords(about: Pick<History["about"], "pbc">): string {
  return isMolecule(about) ? MOLECULE_WORDS : STRUCTURE_WORDS;
}

/** What repeats in no direction is drawn as a molecule. */
function isMolecule({ pbc }: Pick<History["about"], "pbc">): boolean {
  return pbc === "FFF";
}

/** The view as a MIME bundle. */
export function trajectoryBundle(h: History, where?: StudyReference): MimeBundle {
  const chart = trajectoryChart(h);
  const svg = (): string => svgDocument(chart.title, chart.description, [chartBlock(chart), ...structureDrawing(h)]);
  return bundle("trajectory", h, { text: () => chartText(chart), svg, plotly: () => plotlyFigure(chart) }, where);
}

/**
 * Energies above the last step, eV: h_k = h_f + E_k - E'_f, where f is the step that step k set out from, and E'_f the energy of its geometry
 * on the surface of step k. Every difference is then one on one surface.
 * @param left steps that were left again, so that the next one set out from where they had
 */
function heightsAlong(rows: readonly StepRow[], left: ReadonlySet<number>): number[] {
  const last = rows.length - 1;
  if (!isChained(rows)) return rows.map((r) => r.energy - rows[last].energy);
  const heights = [0];
  let [from, start] = [0, rows[0].energy];
  for (const [k, r] of rows.entries()) {
    if (k === 0) continue;
    start = r.previousEnergy ?? start;
    heights.push(heights[from] + r.energy - start);
    if (!left.has(r.step ?? k)) [from, start] = [k, r.energy];
  }
  return heights.map((h) => h - heights[last]);
}

/** Steps of a relaxation with absurd forces that the next step did not set out from. */
function leftAgain(messages: readonly MessageRow[], { scheme, member, rows }: Path): ReadonlySet<number> {
  const shortened = messages.filter((m) => m.kind === "rewound" && m.scheme === scheme && m.member === member).map((m) => m.step);
  const steps = rows.flatMap((r) => (r.step !== null && shortened.includes(r.step + 1) && absurd(r.fmax, rows[0].fmax) ? [r.step] : []));
  return new Set(steps);
}

/** Whether the journal says of every step what its surface gave for the geometry before. */
function isChained(rows: readonly StepRow[]): boolean {
  return rows.every((r) => !Number.isNaN(r.previousEnergy));
}

/** The spread of a committee round its curve; the pen is lifted where it is not known. */
function bandOf({ scheme, rows }: Path, heights: readonly number[]): Mark[] {
  if (rows.every((r) => r.sigma === null)) return [];
  const edge = (sign: 1 | -1): number[] => rows.map((r, k) => (r.sigma === null ? Number.NaN : heights[k] + sign * r.sigma));
  const name = `${schemeName(scheme)} ± σ`;
  return [{ mark: "band", group: name, name, hue: scheme, x: rows.map((r) => r.step ?? 0), low: edge(-1), high: edge(1) }];
}

/** Steps that were shortened, and steps that asked QM for more than their one image, at the points of their curves. */
function messageMarks(messages: readonly MessageRow[], curves: readonly Mark[]): Mark[] {
  const marks = (kind: string, shape: "triangle" | "diamond", group: string): Mark[] =>
    SCHEMES.flatMap((scheme): Mark[] => {
      const points = messages.flatMap(({ kind: own, scheme: of, member, step, message }) => {
        const name = relaxationName(scheme, member);
        const curve = own === kind && of === scheme && step !== null ? curves.find((c) => c.mark === "line" && c.name === name) : undefined;
        if (curve?.mark !== "line" || step === null) return [];
        // What happened on the way to a step that is not there yet stands at the one before.
        const at = curve.x.findLastIndex((x) => x <= step);
        return at < 0 ? [] : [{ x: curve.x[at], y: curve.y[at], title: `${name}, step ${step}: ${message}` }];
      });
      if (points.length === 0) return [];
      const [x, y, titles] = [points.map((p) => p.x), points.map((p) => p.y), points.map((p) => p.title)];
      return [{ mark: "dots", shape, group, name: `${schemeName(scheme)}: ${group}`, hue: scheme, x, y, titles }];
    });
  return [...marks("rewound", "triangle", "step shortened"), ...marks("qm-requested", "diamond", "one more QM image")];
}

interface Path {
  readonly scheme: Scheme;
  readonly member: number | null;
  readonly rows: readonly StepRow[];
}

function relaxationsOf(steps: readonly StepRow[]): Path[] {
  const paths = new Map<string, { scheme: Scheme; member: number | null; rows: StepRow[] }>();
  for (const row of steps) {
    if (row.scheme === null) continue;
    const key = `${row.scheme} ${row.member}`;
    const path = paths.get(key) ?? { scheme: row.scheme, member: row.member, rows: [] };
    path.rows.push(row);
    paths.set(key, path);
  }
  return [...paths.values()].sort((a, b) => SCHEMES.indexOf(a.scheme) - SCHEMES.indexOf(b.scheme));
}

/** Rings and crosses at the ends of relaxations that did not converge. */
function endMarks(h: Pick<History, "summary">, curves: readonly Mark[]): Mark[] {
  const ends = (shape: "ring" | "cross", group: string, wanted: (r: SummaryRow) => boolean): Mark[] =>
    h.summary.filter(wanted).flatMap((r) => {
      const name = relaxationName(r.scheme, r.member);
      const curve = curves.find((c) => c.mark === "line" && c.name === name);
      if (curve?.mark !== "line") return [];
      const [x, y] = [curve.x[curve.x.length - 1], curve.y[curve.y.length - 1]];
      return [
        {
          mark: "dots",
          shape,
          group,
          name: `${name}: ${group}`,
          hue: r.scheme,
          x: [x],
          y: [y],
          titles: [`${name}: ${r.failure ?? group}`],
        },
      ];
    });
  return [
    ...ends("ring", "not converged", (r) => !r.converged && r.failure === null),
    ...ends("cross", "failed", (r) => r.failure !== null),
  ];
}

function errorPanel(
  rows: readonly SummaryRow[],
  title: string,
  axis: Axis,
  value: (r: SummaryRow) => number | null,
  limit?: typeof ACCURACY,
): Panel {
  const schemes = SCHEMES.filter((s) => rows.some((r) => r.scheme === s));
  const x: Axis = { label: "scheme", unit: null, categories: schemes.map(schemeName) };
  const marks = schemes.flatMap((scheme, at): Mark[] => {
    const own = rows.filter((r) => r.scheme === scheme && value(r) !== null);
    if (own.length === 0) return [];
    const y = own.map((r) => value(r) as number);
    const offset = own.map((_, k) => (own.length === 1 ? 0 : (k / (own.length - 1) - 0.5) * 0.5));
    const titles = own.map((r, k) => `${relaxationName(scheme, r.member)}: ${significant(y[k], 4)} ${axis.unit}`);
    const middle = median(y);
    const level: Mark = {
      mark: "levels",
      group: "",
      name: schemeName(scheme),
      hue: scheme,
      x: [at],
      y: [middle],
      titles: [
        own.length === 1
          ? `${schemeName(scheme)}: ${significant(middle, 4)} ${axis.unit}`
          : `${schemeName(scheme)}: median ${significant(middle, 4)} ${axis.unit} of ${own.length} relaxations`,
      ],
    };
    return [
      level,
      { mark: "dots", shape: "disc", group: "", name: schemeName(scheme), hue: scheme, x: own.map(() => at), y, offset, titles },
    ];
  });
  const values = marks.flatMap((m) => (m.mark === "dots" ? m.y : []));
  const wide = values.every((v) => v > 0) && Math.max(...values) > 15 * Math.min(...values);
  const counts = schemes.map((s, k) => ({ x: k, text: `n = ${rows.filter((r) => r.scheme === s && value(r) !== null).length}` }));
  const inRange = limit !== undefined && values.length > 0 && Math.max(...values) > limit.y / 3;
  const rules: Mark[] = inRange ? [limit] : [];
  const y: Axis = wide ? { ...axis, scale: "log" } : { ...axis, reach: 0 };
  return { title, x, y, marks: [...marks, ...rules], counts, ...(values.length === 0 && { empty: "not verified yet" }) };
}

function groupName(scheme: Scheme, n: number): string {
  return scheme === "full-qm" || scheme === "committee" ? schemeName(scheme) : `${schemeName(scheme)} (${counted(n, "run")})`;
}

function description(h: Pick<History, "about" | "summary">, panels: readonly Panel[]): string {
  const reached = SCHEMES.flatMap((s) => {
    const own = h.summary.filter((r) => r.scheme === s);
    return own.length === 0 ? [] : [`${schemeName(s)}: ${own.filter((r) => r.converged).length} of ${own.length} relaxations converged`];
  });
  const errors = panels.flatMap((p) =>
    p.marks.flatMap((m) => (m.mark === "levels" ? [`${m.name}, median ${axisTitle(p.y)} ${significant(m.y[0])}`] : [])),
  );
  return reached.length === 0 ? "No step has been taken yet." : `${[...reached, ...errors].join("; ")}.`;
}
