/**
 * Table `messages`: what a study has to say in words, in order: gate, warnings, failures, stops, steps taken back, and the QM images that a
 * relaxation asked for beyond the one of each step.
 */
import type { Payloads, Scheme, StudyEvent } from "../study/events.ts";
import { among, type Columns, FLAG, INDEX, INTEGER, MEMBER, orNull, real, TEXT } from "./arrow.ts";
import { placeKey } from "./record.ts";
import { SCHEMES } from "./summary.ts";

/** One sentence. */
export interface MessageRow {
  readonly sequence: number;
  /** Unix time. */
  readonly time: number;
  readonly kind: string;
  readonly scheme: Scheme | null;
  readonly member: number | null;
  readonly step: number | null;
  /** The reader should worry: a gate not passed, a warning, a failure. */
  readonly serious: boolean;
  readonly message: string;
}

export const MESSAGE_COLUMNS: Columns<MessageRow> = {
  sequence: INTEGER,
  time: real("s"),
  kind: TEXT,
  scheme: orNull(among(SCHEMES)),
  member: orNull(MEMBER),
  step: orNull(INDEX),
  serious: FLAG,
  message: TEXT,
};

/** Rows of `messages`. */
export function messageRows(events: readonly StudyEvent[]): MessageRow[] {
  const usual = new Map<string, string>();
  /** Whether a step was given another reason already: that of its usual image. */
  const isExtra = (e: StudyEvent & { kind: "qm-requested" }): boolean => {
    if (e.step === null || e.image === null || isRetry(e.payload.reason)) return false;
    const key = placeKey(e, e.step);
    if (!usual.has(key)) usual.set(key, e.payload.reason);
    return usual.get(key) !== e.payload.reason;
  };
  return events.flatMap((e) => {
    const { sequence, time, kind, scheme, member, step } = e;
    const said = (message: string, serious: boolean): MessageRow[] => [{ sequence, time, kind, scheme, member, step, serious, message }];
    switch (e.kind) {
      case "gate":
        return said(gate(e.payload), e.payload.status === "failed" && !e.payload.factors);
      case "qm-failed":
        return said(failure(e.payload), true);
      case "warning":
      case "failed":
        return said(e.payload.message, true);
      case "qm-requested":
        return isExtra(e) ? said(`one more QM image, ${e.payload.reason.replace(/^step \d+: /, "")}`, false) : [];
      case "rewound":
        return said(e.payload.message.replace(/^step \d+ is /, ""), false);
      case "cluster":
      case "stopped":
      case "resumed":
        return said(e.payload.message, false);
      default:
        return [];
    }
  });
}

/** Whether a reason is that of another attempt. */
function isRetry(reason: string): boolean {
  return reason.startsWith("retry: ");
}

/** What the lattice gate came to. */
function gate({ status, sentence }: Payloads["gate"]): string {
  return `lattice gate ${status}: ${sentence}`;
}

/** What failed, and what became of it. */
function failure({ message, next }: Payloads["qm-failed"]): string {
  if (next === undefined) return message;
  return next === null ? `${message}; nothing is left to try, and nothing learns of it` : `${message}; tried again with ${next}`;
}
