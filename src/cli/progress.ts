/** A running study in the terminal: what was reached stays as lines, what moves is one block below them that is rewritten. */
import { messageRows } from "../history/messages.ts";
import { placed } from "../history/summary.ts";
import type { Scheme, StudyEvent } from "../study/events.ts";
import type { StudyFile } from "../study/studyFile.ts";

/** Collects events and says what is worth showing. */
export interface Progress {
  /** A line to keep, if the event is worth one. */
  note(event: StudyEvent): string | undefined;
  /** The present state, a few lines. */
  state(): string[];
}

/** Progress of a study. */
export function progress(file: StudyFile): Progress {
  const began = Date.now() / 1000;
  const schemes = new Map<Scheme, Map<number | null, { step: number; fmax: number; converged: boolean }>>();
  let [set, pretrained, calls, trainings] = [0, 0, 0, 0];
  let first: number | undefined;
  const note = (e: StudyEvent): string | undefined => {
    first ??= e.time;
    if (e.kind === "study-started") {
      const { name, formula, atoms, clusterAtoms, coreAtoms, engine } = e.payload;
      const standIn = engine === "emt" ? "EMT standing in for the QM engine" : engine;
      return `${name}: ${formula}, ${atoms} atoms; core ${coreAtoms}, QM cluster ${clusterAtoms}; ${standIn}`;
    }
    if (e.kind === "warning") return `warning: ${e.payload.message}`;
    if (e.kind === "cluster") return e.payload.message;
    if (e.kind === "resumed") return "goes on where its journal ends";
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
  const state = (): string[] => {
    const seconds = Math.round(Date.now() / 1000 - (first ?? began));
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
    return lines;
  };
  return { note, state };
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
