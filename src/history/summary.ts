/**
 * Table `summary`: what each relaxation reached and what it cost; also the JSON of `qmml status`.
 * Counts include the member's pre-training and the lattice gate; the calls that only verify (image null) stand apart. A committee is one relaxation with member
 * null: its QM images count once, its evaluations and training seconds are summed over its members.
 */
import type { Payloads, Scheme, StudyEvent } from "../study/events.ts";
import { among, type Columns, FLAG, INTEGER, MEMBER, orNull, real, TEXT } from "./arrow.ts";
import { gateImages } from "./lattice.ts";
import { grouped, ofKind } from "./record.ts";

/** The order in which schemes are named. */
export const SCHEMES: readonly Scheme[] = ["full-qm", "frozen", "retrained", "committee"];

/** `empty`: nothing was committed yet. A killed study still says `running`: only its folder's lock knows. */
export type State = "empty" | "running" | "stopped" | "failed" | "finished";
/** All of them. */
export const STATES: readonly State[] = ["empty", "running", "stopped", "failed", "finished"];

/** Retraining on one QM image. */
export interface ImageCost {
  readonly image: number;
  readonly evaluations: number;
  readonly seconds: number;
}

/** One relaxation: a member of a scheme, or the scheme's only one (member null). */
export interface MemberSummary {
  readonly member: number | null;
  readonly converged: boolean;
  /** Of the last step, on the scheme's own surface, eV; null before the first. */
  readonly energy: number | null;
  /** Full-QM energy of the final geometry above full QM's own minimum, eV. */
  readonly energyError: number | null;
  /** Å. */
  readonly coreRmsd: number | null;
  /** Moves of the optimizer. */
  readonly steps: number;
  /** Distinct QM images used; one that several members use counts for each. */
  readonly qmCalls: number;
  /** Of the engine for these images, whoever asked first, s. */
  readonly qmSeconds: number;
  /** Pre-training and retraining, s. */
  readonly trainingSeconds: number;
  readonly costs: readonly ImageCost[];
  /** Calls that only measured the errors above; null if not verified. */
  readonly verification: { readonly qmCalls: number; readonly qmSeconds: number } | null;
  /** Why it ended early; null if it did not. */
  readonly failure: string | null;
}

/** A study's summary: what `qmml status --json` prints. */
export interface Summary {
  readonly state: State;
  /** Of the programs that it began with; none before. */
  readonly versions: Readonly<Record<string, string>>;
  readonly schemes: Partial<Record<Scheme, readonly MemberSummary[]>>;
  /** The lattice gate; null where it has not come to that, or there are no models. */
  readonly gate: Payloads["gate"] | null;
  readonly warnings: readonly string[];
}

/** A flat row of the table. */
export interface SummaryRow extends Omit<MemberSummary, "costs" | "verification"> {
  readonly scheme: Scheme;
  readonly verificationCalls: number | null;
  readonly verificationSeconds: number | null;
}

export const SUMMARY_COLUMNS: Columns<SummaryRow> = {
  scheme: among(SCHEMES),
  member: orNull(MEMBER),
  converged: FLAG,
  energy: orNull(real("eV")),
  energyError: orNull(real("eV")),
  coreRmsd: orNull(real("Å")),
  steps: INTEGER,
  qmCalls: INTEGER,
  qmSeconds: real("s"),
  trainingSeconds: real("s"),
  failure: orNull(TEXT),
  verificationCalls: orNull(INTEGER),
  verificationSeconds: orNull(real("s")),
};

/** The summary of a study's events. */
export function summarize(events: readonly StudyEvent[]): Summary {
  const schemes: Partial<Record<Scheme, readonly MemberSummary[]>> = {};
  // Each relaxation looks at its own events and at those before all relaxations: a long study has many of both.
  const groups = grouped(events, (e) => e.scheme);
  const before = groups.get(null) ?? [];
  for (const scheme of SCHEMES) {
    const own = groups.get(scheme);
    if (!own) continue;
    const alone = scheme === "full-qm" || scheme === "committee";
    const members = grouped(own, (e) => (alone ? null : e.member));
    schemes[scheme] = [...members]
      .filter(([member]) => alone || member !== null)
      .sort(([a], [b]) => (a ?? 0) - (b ?? 0))
      .map(([member, theirs]) => memberSummary(before, theirs, scheme, member));
  }
  const versions = ofKind(events, "study-started").at(0)?.payload.versions ?? {};
  const gate = ofKind(events, "gate").at(-1)?.payload ?? null;
  return {
    state: stateOf(events),
    versions,
    schemes,
    gate,
    warnings: ofKind(events, "warning").map((e) => `${placed(e)}${e.payload.message}`),
  };
}

/** Rows of `summary`, schemes in their usual order. */
export function summaryRows(summary: Summary): SummaryRow[] {
  return SCHEMES.flatMap((scheme) =>
    (summary.schemes[scheme] ?? []).map(({ costs: _, verification, ...rest }) => ({
      scheme,
      ...rest,
      verificationCalls: verification?.qmCalls ?? null,
      verificationSeconds: verification?.qmSeconds ?? null,
    })),
  );
}

/** Where an event belongs, as the start of a sentence: `retrained, model 3, step 4: `; empty for the whole study. */
export function placed({ scheme, member, step }: Pick<StudyEvent, "scheme" | "member" | "step">): string {
  const parts = [scheme, member === null ? null : `model ${member}`, step === null ? null : `step ${step}`].filter((p) => p !== null);
  return parts.length === 0 ? "" : `${parts.join(", ")}: `;
}

/** @param before of no scheme; of the relaxation `own` */
function memberSummary(before: readonly StudyEvent[], own: readonly StudyEvent[], scheme: Scheme, member: number | null): MemberSummary {
  const steps = ofKind(own, "step");
  const last = steps.at(-1);
  const verified = ofKind(own, "verified").at(-1)?.payload;
  const failed = ofKind(own, "failed").at(-1);
  // One that was asked for again, and had, goes on.
  const failure = failed && failed.sequence > (last?.sequence ?? 0) ? failed.payload.message : null;
  const images = new Map(
    ofKind(own, "qm-finished").flatMap((e) => (e.image === null ? [] : [[e.payload.hash, e.payload.seconds] as const])),
  );
  if (scheme !== "full-qm") {
    for (const e of ofKind(before, "pretraining")) images.set(e.payload.hash, e.payload.seconds);
    for (const [hash, seconds] of gateImages(before)) images.set(hash, seconds);
  }
  const learnt = ofKind(own, "training").filter((e) => e.image !== null);
  const pretrained = scheme === "full-qm" ? [] : ofKind(before, "training").filter((e) => scheme === "committee" || e.member === member);
  return {
    member,
    converged: last?.payload.converged ?? false,
    energy: last?.payload.energy ?? null,
    energyError: verified?.energyError ?? null,
    coreRmsd: verified?.coreRmsd ?? null,
    steps: Math.max(0, ...steps.map((e) => e.step ?? 0)),
    qmCalls: images.size,
    qmSeconds: sum(images.values()),
    trainingSeconds: sum([...pretrained, ...learnt].map((e) => e.payload.seconds)),
    costs: [...new Set(learnt.map((e) => e.image as number))].map((image) => {
      const there = learnt.filter((e) => e.image === image).map((e) => e.payload);
      return { image, evaluations: sum(there.map((p) => p.evaluations)), seconds: sum(there.map((p) => p.seconds)) };
    }),
    verification: verified === undefined ? null : { qmCalls: verified.qmCalls, qmSeconds: verified.qmSeconds },
    failure,
  };
}

function stateOf(events: readonly StudyEvent[]): State {
  let state: State = "empty";
  for (const e of events) {
    if (e.kind === "study-started" || e.kind === "resumed") state = "running";
    else if (e.kind === "stopped") state = "stopped";
    else if (e.kind === "failed" && e.scheme === null) state = "failed";
    else if (e.kind === "study-finished") state = "finished";
  }
  return state;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const v of values) total += v;
  return total;
}
