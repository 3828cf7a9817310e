/**
 * How far a study has come, from its rows: what runs now, what has finished, why QM was called last, and when it may end, where that can be
 * said. Relaxations run side by side, so that their pace says something about the end only once half of them are over.
 */
import { duration } from "../../../src/display/numbers.ts";
import { relaxationName, schemeName } from "../../../src/display/words.ts";
import type { MessageRow } from "../../../src/history/messages.ts";
import type { SummaryRow } from "../../../src/history/summary.ts";
import type { Scheme } from "../../../src/study/events.ts";
import type { Rows } from "../rows.ts";
import { trans } from "../words.ts";

/** What the dashboard says. */
export interface Progress {
  /** Relaxations that are over, and how many there will be. */
  readonly finished: number;
  readonly planned: number;
  /** What runs now, or why nothing does. */
  readonly now: string;
  /** What has been done so far. */
  readonly done: string;
  /** Who asked for the last QM image, and why; empty before the first. */
  readonly lastCall: string;
  /** When it may end, with what that rests on; empty where nothing runs. */
  readonly end: string;
}

/** What is read of the rows. */
type Known = Pick<Rows, "about" | "state" | "summary" | "log" | "messages">;

/** Part of the relaxations, and their least number, that must be over before their pace is taken for that of the rest. */
const [PART, LEAST] = [0.5, 3];

/** The progress of a study. */
export function progressOf({ about, state, summary, log }: Known): Progress {
  const { schemes, members, verify } = plannedIn(about.settings, about.members);
  const each = (scheme: Scheme): number => (scheme === "full-qm" || scheme === "committee" ? 1 : members);
  const planned = schemes.reduce((sum, scheme) => sum + each(scheme), 0);
  // Without full QM there is nothing to compare with.
  const isCompared = verify && schemes.includes("full-qm");
  const gaveUp = new Set(log.filter((r) => r.kind === "warning" && /^not converged/.test(r.message)).map((r) => keyOf(r)));
  const isRelaxed = (r: SummaryRow): boolean => r.converged || gaveUp.has(keyOf(r));
  const isOver = (r: SummaryRow): boolean => r.failure !== null || (isCompared ? r.verificationCalls !== null : isRelaxed(r));
  const over = summary.filter(isOver);
  const finished = state === "finished" ? planned : over.length;
  const steps = summary.reduce((sum, r) => sum + r.steps, 0);
  const last = log.findLast((r) => r.kind === "qm-requested");
  return {
    finished,
    planned,
    now: nowWords(state, about.seconds, log, () =>
      schemes.flatMap((scheme) => {
        const own = summary.filter((r) => r.scheme === scheme && r.steps + Number(r.energy !== null) > 0);
        const relaxing = own.filter((r) => !isOver(r) && !isRelaxed(r));
        const compared = own.filter((r) => !isOver(r) && isRelaxed(r)).length;
        const parts = [
          ...(relaxing.length > 0 ? [trans.__("%1 relaxing, %2", relaxing.length, stepWords(relaxing))] : []),
          ...(compared > 0 ? [trans.__("%1 being compared with full QM", compared)] : []),
        ];
        return parts.length === 0 ? [] : [`${schemeName(scheme)}: ${parts.join(", ")}`];
      }),
    ),
    done: [
      trans.__("%1 of %2 relaxations finished", finished, planned),
      trans._n("%1 step", "%1 steps", steps),
      trans._n("%1 QM image in %2", "%1 QM images in %2", about.qmCalculated, duration(about.qmSeconds)),
    ].join(", "),
    lastCall: last ? `${whereOf(last)}${last.message}` : "",
    end: state === "running" ? endWords(log, over, planned) : "",
  };
}

/** `step 3`, `steps 2 to 7`. */
function stepWords(rows: readonly SummaryRow[]): string {
  const steps = rows.map((r) => r.steps);
  const [low, high] = [Math.min(...steps), Math.max(...steps)];
  return low === high ? trans.__("step %1", low) : trans.__("steps %1 to %2", low, high);
}

function nowWords(state: string, seconds: number | null, log: readonly MessageRow[], relaxations: () => readonly string[]): string {
  switch (state) {
    case "empty":
      return trans.__("The study is about to begin.");
    case "finished":
      return seconds === null ? trans.__("Nothing: the study is finished.") : trans.__("Nothing: finished after %1.", duration(seconds));
    case "stopped":
      return trans.__("Nothing: it was stopped, and goes on from there when it is resumed.");
    case "interrupted":
      return trans.__("Nothing: its process was killed. It goes on from there when it is resumed.");
    case "failed":
      return trans.__("Nothing: it failed (%1).", log.findLast((r) => r.kind === "failed")?.message ?? "");
    default: {
      const running = relaxations();
      if (running.length > 0) return running.join("; ");
      const trained = log.filter((r) => r.kind === "training" && r.scheme === null).length;
      return trained > 0
        ? trans._n("pre-training: %1 model is ready", "pre-training: %1 models are ready", trained)
        : trans.__("pre-training");
    }
  }
}

function endWords(log: readonly MessageRow[], over: readonly SummaryRow[], planned: number): string {
  const begun = log.findLast((r) => r.kind === "study-started" || r.kind === "resumed")?.time;
  const last = log.at(-1)?.time;
  const keys = new Set(over.map(keyOf));
  // A relaxation ends with its last row.
  const ends = new Map(log.filter((r) => keys.has(keyOf(r))).map((r) => [keyOf(r), r.time]));
  const since = begun === undefined ? 0 : [...ends.values()].filter((time) => time > begun).length;
  if (begun === undefined || last === undefined || since < LEAST || over.length < PART * planned)
    return trans.__("not known before half of the relaxations have finished");
  const end = new Date(1000 * (last + ((last - begun) * (planned - over.length)) / since));
  const clock = end.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  return trans.__("about %1, at the pace of the %2 relaxations that have finished", clock, since);
}

/** `retrained, model 3, step 4: `; empty for the whole study. */
export function whereOf({ scheme, member, step }: Pick<MessageRow, "scheme" | "member" | "step">): string {
  const parts = [
    ...(scheme === null ? (member === null ? [] : [trans.__("model %1", member)]) : [relaxationName(scheme, member)]),
    ...(step === null ? [] : [trans.__("step %1", step)]),
  ];
  return parts.length === 0 ? "" : `${parts.join(", ")}: `;
}

function keyOf({ scheme, member }: Pick<MessageRow, "scheme" | "member">): string {
  return `${scheme} ${member}`;
}

/** What the study file says will be done; it may come from a notebook that nobody trusts. */
function plannedIn(settings: string, members: number): { schemes: Scheme[]; members: number; verify: boolean } {
  try {
    const file = JSON.parse(settings) as { schemes?: unknown; verify?: unknown };
    const schemes = Array.isArray(file.schemes) ? SCHEMES.filter((s) => (file.schemes as unknown[]).includes(s)) : [];
    return { schemes, members, verify: file.verify !== false };
  } catch {
    return { schemes: [], members, verify: false };
  }
}

const SCHEMES: readonly Scheme[] = ["full-qm", "frozen", "retrained", "committee"];
