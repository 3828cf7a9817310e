/** A running study in the terminal: what was reached stays as lines, what moves is one block below them that is rewritten. */
import { messageRows } from "../history/messages.ts";
import { waiting } from "../history/running.ts";
import { placed } from "../history/summary.ts";
import type { Scheme, StudyEvent } from "../study/events.ts";
import type { Means } from "../study/launch.ts";
import type { StudyFile } from "../study/studyFile.ts";
import { atOnce, callSentence } from "./waiting.ts";

/** Collects events and says what is worth showing. */
export interface Progress {
  /** A line to keep, if the event is worth one. */
  note(event: StudyEvent): string | undefined;
  /** The state at a Unix time, a few lines. */
  state(now: number): string[];
  /** A line for who sees no state: what QM has been asked for so long that one may wonder. Nothing soon after the last. */
  patience(now: number): string | undefined;
}

/** s after which one may wonder. */
const LONG = 30;

/** Progress of a study that is calculated with these means. */
export function progress(file: StudyFile, means: Means): Progress {
  const began = Date.now() / 1000;
  const schemes = new Map<Scheme, Map<number | null, { step: number; fmax: number; converged: boolean }>>();
  let [set, pretrained, calls, trainings] = [0, 0, 0, 0];
  let first: number | undefined;
  const qm = waiting(atOnce(file, means));
  let wondered = Number.NEGATIVE_INFINITY;
  const note = (e: StudyEvent): string | undefined => {
    first ??= e.time;
    qm.note(e);
    if (e.kind === "study-started") {
      const { name, formula, atoms, clusterAtoms, coreAtoms, engine } = e.payload;
      const standIn = engine === "emt" ? "EMT standing in for the QM engine" : engine;
      return `${name}: ${formula}, ${atoms} atoms; core ${coreAtoms}, QM cluster ${clusterAtoms}; ${standIn}`;
    }
    if (e.kind === "warning") return `warning: ${placed(e)}${e.payload.message}`;
    if (e.kind === "cluster") return e.payload.message;
    if (e.kind === "resumed") return e.payload.message;
    if (e.kind === "failed") return `failed: ${placed(e)}${e.payload.message}`;
    if (e.kind === "qm-failed" && e.payload.next !== undefined) return `warning: ${placed(e)}${messageRows([e])[0].message}`;
    if (e.kind === "qm-finished" && !e.payload.reused) calls++;
    if (e.kind === "pretraining") set++;
    if (e.kind === "training" && e.image === null) pretrained++;
    if (e.kind === "training" && e.image !== null && e.payload.evaluations > 0) trainings++;
    if (e.kind === "step" && e.scheme && e.step !== null) {
      const members = schemes.get(e.scheme) ?? new Map();
      schemes.set(e.scheme, members.set(e.member, { step: e.step, fmax: e.payload.fmax, converged: e.payload.converged }));
    }
    return undefined;
  };
  const state = (now: number): string[] => {
    const seconds = Math.round(now - (first ?? began));
    const lines = [
      `${clock(seconds)}  QM calls ${calls}  pre-training set ${set}  models trained ${pretrained}/${file.members}  retrainings ${trainings}`,
    ];
    for (const scheme of file.schemes) {
      const members = [...(schemes.get(scheme)?.values() ?? [])];
      const of = scheme === "full-qm" || scheme === "committee" ? 1 : file.members;
      const done = members.filter((m) => m.converged).length;
      const moving = members.filter((m) => !m.converged);
      const worst = moving.length > 0 ? `  largest force ${Math.max(...moving.map((m) => m.fmax)).toFixed(3)} eV/Å` : "";
      const steps = members.length > 0 ? `  step ${Math.max(...members.map((m) => m.step))}` : "";
      lines.push(
        `  ${scheme.padEnd(10)} ${"█".repeat(done)}${"▒".repeat(moving.length)}${"·".repeat(of - members.length)} ${done}/${of} converged${steps}${worst}`,
      );
    }
    const [oldest, ...more] = qm.calls();
    if (oldest) lines.push(`  ${callSentence(oldest, now)}`);
    if (more.length > 0) lines.push(`  ${more.length} more asked for`);
    return lines;
  };
  const patience = (now: number): string | undefined => {
    const [oldest] = qm.calls();
    if (!oldest || now - oldest.since < LONG || now - wondered < LONG) return undefined;
    wondered = now;
    return callSentence(oldest, now);
  };
  return { note, state, patience };
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
