/**
 * Table `log`: everything that happens in a study as a sentence, in order, `messages` included. Of the QM images there is a row for each that
 * a step asks for and for each of the pre-training; those that only measure how far a finished relaxation is from full QM's own minimum are
 * many and alike: there is a row for the first of each reason, and their sum in `verified`.
 */
import { counted } from "../io/words.ts";
import type { StudyEvent } from "../study/events.ts";
import { type MessageRow, messageRows } from "./messages.ts";
import { placeKey } from "./record.ts";
import { pace } from "./running.ts";

/** s. What takes less needs no expectation. */
const SLOW = 1;

/** Rows of `log`. */
export function logRows(events: readonly StudyEvent[]): MessageRow[] {
  const messages = new Map(messageRows(events).map((row) => [row.sequence, row]));
  const measured = new Set<string>();
  const isMore = (e: StudyEvent & { kind: "qm-requested" }): boolean => {
    if (e.image !== null) return false;
    const key = `${placeKey(e)} ${e.payload.reason}`;
    return measured.size === measured.add(key).size;
  };
  const usual = pace();
  return events.flatMap((e) => {
    usual.note(e);
    const told = messages.get(e.sequence);
    if (told) return [told];
    if (e.kind === "qm-requested" && isMore(e)) return [];
    const said = sentence(e);
    const expected = e.kind === "qm-requested" ? usual.of(e.payload.atoms ?? null) : null;
    const message = said !== undefined && expected !== null && expected >= SLOW ? `${said} (such took ${lasting(expected)})` : said;
    const { sequence, time, kind, scheme, member, step } = e;
    return message === undefined ? [] : [{ sequence, time, kind, scheme, member, step, serious: false, message }];
  });
}

/** What an event says that is none of `messages`; undefined where another event says it. */
function sentence(e: StudyEvent): string | undefined {
  switch (e.kind) {
    case "study-started":
      return `${e.payload.formula}, ${counted(e.payload.atoms, "atom")}, ${e.payload.clusterAtoms} in the QM cluster; QM engine ${e.payload.engine}`;
    case "qm-requested":
      return e.payload.reason.replace(/^step \d+: /, "");
    case "qm-finished":
    case "pretraining":
      return undefined;
    case "training": {
      const { evaluations, seconds, converged, energyRmse, forceRmse } = e.payload;
      const what = e.image === null ? "pre-training" : `QM image ${e.image}`;
      if (evaluations === 0) return `${what}: within the tolerances as it was`;
      const rest = `RMSE ${(1000 * energyRmse).toPrecision(3)} meV/atom, ${(1000 * forceRmse).toPrecision(3)} meV/Å`;
      return `${what}: ${counted(evaluations, "evaluation")}, ${seconds.toPrecision(2)} s, ${rest}${converged ? "" : "; not converged"}`;
    }
    case "step": {
      const { energy, fmax, converged } = e.payload;
      return `energy ${energy.toFixed(4).replace("-", "−")} eV, fmax ${fmax.toPrecision(3)} eV/Å${converged ? "; converged" : ""}`;
    }
    case "region-changed":
      return `QM cluster of ${counted(e.payload.atoms.length, "atom")}`;
    case "verified": {
      const { energyError, qmCalls } = e.payload;
      const calls = `${counted(qmCalls, "QM call")} to measure it`;
      return energyError === null
        ? `full QM's own minimum; ${calls}`
        : `${(1000 * energyError).toFixed(1).replace("-", "−")} meV above full QM's own minimum; ${calls}`;
    }
    case "study-finished":
      return `after ${e.payload.seconds.toPrecision(3)} s`;
    default:
      return undefined;
  }
}

/** `2.3 s`, `14 min`. */
function lasting(seconds: number): string {
  return seconds < 100 ? `${seconds.toPrecision(2)} s` : `${Math.round(seconds / 60)} min`;
}
