/** Names and sentences that every view shares. */
import type { AboutRow } from "../history/about.ts";
import type { Scheme } from "../study/events.ts";
import { counted } from "./numbers.ts";

const ENGINES: Readonly<Record<string, string>> = {
  emt: "EMT",
  "gfn2-xtb": "GFN2-xTB",
  "gfn1-xtb": "GFN1-xTB",
  pyscf: "PySCF",
  gpaw: "GPAW",
};

const NAMES: Record<Scheme, string> = { "full-qm": "full QM", frozen: "frozen", retrained: "retrained", committee: "committee" };

/** The QM engine as people write it. EMT is no quantum mechanics, and every view says so. */
export function engineSentence(engine: string): string {
  const name = ENGINES[engine] ?? engine;
  return engine === "emt" ? `QM engine: ${name} (EMT stands in for the QM engine)` : `QM engine: ${name}`;
}

/** A scheme's name. */
export function schemeName(scheme: Scheme): string {
  return NAMES[scheme];
}

/** `retrained, model 3`; the scheme alone where there is no member. */
export function relaxationName(scheme: Scheme, member: number | null): string {
  return member === null ? schemeName(scheme) : `${schemeName(scheme)}, model ${member}`;
}

/** Formula, regions and engine: the line under every title. */
export function subject(about: AboutRow): string {
  const regions = `${about.coreAtoms} core and ${about.clusterAtoms - about.coreAtoms} buffer of ${counted(about.atoms, "atom")}`;
  return `${about.formula === "" ? "" : `${about.formula}, `}${regions}. ${engineSentence(about.engine)}. ${stateSentence(about)}`;
}

/** Whether more is to come. */
export function stateSentence(about: AboutRow): string {
  switch (about.state) {
    case "empty":
      return "Nothing has been calculated yet.";
    case "running":
      return `Still running: what stands here is the state at event ${about.sequence}.`;
    case "stopped":
      return "Stopped before its end; it can be resumed.";
    case "failed":
      return "The study failed before its end.";
    case "finished":
      return "Finished.";
  }
}
