/** Names and sentences that every view shares. */
import type { AboutRow } from "../history/about.ts";
import type { Scheme } from "../study/events.ts";
import type { Hue } from "./chart.ts";
import { counted, fixed } from "./numbers.ts";
import { ENGINE_WORDS } from "./qmEngines.ts";

const NAMES: Record<Scheme, string> = { "full-qm": "full QM", frozen: "frozen", retrained: "retrained", committee: "committee" };

/** The QM engine as people write it. EMT is no quantum mechanics, and every view says so. */
export function engineSentence(engine: string): string {
  const name = ENGINE_WORDS[engine]?.name ?? engine;
  return isStandIn(engine) ? `QM engine: ${name} (EMT stands in for the QM engine)` : `QM engine: ${name}`;
}

/** Whether an engine is no quantum mechanics: it has no electrons, hence neither charge nor spin. */
function isStandIn(engine: string): boolean {
  return engine === "emt" || engine === "ase-emt";
}

/** A scheme's name. */
export function schemeName(scheme: Scheme): string {
  return NAMES[scheme];
}

/** `retrained, model 3`; the scheme alone where there is no member. */
export function relaxationName(scheme: Scheme, member: number | null): string {
  return member === null ? schemeName(scheme) : `${schemeName(scheme)}, model ${member}`;
}

/** A legend's entry for marks of a colour: a committee's stand beside those of independent models. */
export function groupName(name: string, hue: Hue): string {
  return hue === "committee" ? `${name}, committee` : name;
}

/** Formula, regions and engine: the line under every title. */
export function subject(about: AboutRow): string {
  const whole = `${about.formula === "" ? "" : `${about.formula}, `}${counted(about.atoms, "atom")}`;
  return `${whole}; ${clusterWords(about)}. ${engineSentence(about.engine)}. ${stateSentence(about)}`;
}

/** `QM cluster of 16 atoms and 1 link hydrogen: 13 core, 3 buffer`. */
export function clusterWords(about: Pick<AboutRow, "clusterAtoms" | "coreAtoms" | "linkAtoms">): string {
  const links = about.linkAtoms > 0 ? ` and ${counted(about.linkAtoms, "link hydrogen")}` : "";
  const parts = `${about.coreAtoms} core, ${about.clusterAtoms - about.coreAtoms} buffer`;
  return `QM cluster of ${counted(about.clusterAtoms, "atom")}${links}: ${parts}`;
}

/** `5.2 Å`, or `1 bond`. */
export function bufferWords({ buffer, bufferBonds }: Pick<AboutRow, "buffer" | "bufferBonds">): string {
  return bufferBonds === null ? `${buffer} Å` : counted(bufferBonds, "bond");
}

/** `charge −1 e, multiplicity 2`; empty where neither was said, or the engine knows of neither. */
export function stateWords(engine: string, charge: number | null, multiplicity: number | null): string {
  if (isStandIn(engine)) return "";
  const spin = multiplicity === null ? [] : [`multiplicity ${multiplicity}`];
  return (charge === null ? spin : [`charge ${fixed(charge, 0)} e`, ...spin]).join(", ");
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
