/**
 * What colours atoms by: their element, their region, or a number. Numbers have one range for all frames of all relaxations, so that a colour
 * means the same wherever it stands; where an atom has none it is grey.
 */
import { look as elementLook } from "../../../src/display/elements.ts";
import type { AtomRow, Role } from "../../../src/history/atoms.ts";
import type { FrameRow } from "../../../src/history/trajectory.ts";
import { type Colour, type Look, mixed, parse } from "../look.ts";
import type { Colouring, Palette } from "../settings.ts";
import { trans } from "../words.ts";
import { sequential } from "./palette.ts";

/** Forces of a frame, [3N] eV/Å, as far as the study has them; a bundle of an older version lacks some. */
export type FrameForces = Pick<FrameRow, "forces"> & Partial<Pick<FrameRow, "qmForces" | "mlForces" | "forcesSigma">>;

/** Colourings by a number. */
export type Measured = Exclude<Colouring, "element" | "role">;

/** A range of colours. */
export interface ColourRange {
  readonly low: number;
  readonly high: number;
  readonly logarithmic: boolean;
}

/** Names of the colourings in the page's language, with their units. */
export function colouringName(colouring: Colouring): string {
  const names: Record<Colouring, string> = {
    element: trans.__("element"),
    role: trans.__("region"),
    force: trans.__("force"),
    "force error": trans.__("force error"),
    uncertainty: trans.__("uncertainty"),
  };
  return names[colouring];
}

/** What the numbers of a colouring are; all are in eV/Å. */
export function colouringTitle(colouring: Measured): string {
  const titles: Record<Measured, string> = {
    force: trans.__("force on each atom"),
    "force error": trans.__("|F(QM) − F(model)| on each atom"),
    uncertainty: trans.__("standard deviation of each force"),
  };
  return titles[colouring];
}

/** Why frames cannot be coloured so; empty if they can. */
export function whyNot(colouring: Colouring, frames: readonly FrameForces[]): string {
  if (!isMeasured(colouring) || frames.some((f) => vectorsOf(colouring, f)?.some(Number.isFinite))) return "";
  const reasons: Record<Measured, string> = {
    force: trans.__("There are no forces."),
    "force error": trans.__("The study does not hold the forces of QM and of the model apart."),
    uncertainty: trans.__("The study holds no uncertainty of forces: its scheme knows none."),
  };
  return reasons[colouring];
}

/** Whether a colouring is by a number. */
export function isMeasured(colouring: Colouring): colouring is Measured {
  return colouring !== "element" && colouring !== "role";
}

/** The number of each atom, [N] eV/Å, NaN where it has none; null where the frame has none at all. */
export function valuesOf(colouring: Measured, frame: FrameForces): Float64Array | null {
  const vectors = vectorsOf(colouring, frame);
  return vectors && Float64Array.from({ length: vectors.length / 3 }, (_, i) => lengthAt(vectors, i));
}

/** From zero to the largest number of all frames, or 1 if there is no other than zero; logarithmic: the last three powers of ten of it. */
export function rangeOf(colouring: Measured, frames: readonly FrameForces[], logarithmic: boolean): ColourRange {
  let high = 0;
  for (const frame of frames) {
    const vectors = vectorsOf(colouring, frame);
    for (let i = 0; vectors && 3 * i < vectors.length; i++) {
      const value = lengthAt(vectors, i);
      if (value > high && value < Infinity) high = value;
    }
  }
  const end = high === 0 ? 1 : high;
  return { low: logarithmic ? end / 1000 : 0, high: end, logarithmic };
}

/** Where a number stands in a range, 0 to 1; NaN for none. */
export function placeIn({ low, high, logarithmic }: ColourRange, value: number): number {
  const place = logarithmic ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, place));
}

/** Colours of atoms as 0xrrggbb, [N]. */
export function measuredColours(values: Float64Array, range: ColourRange, palette: Palette, look: Look): Uint32Array {
  const steps = Uint32Array.from({ length: STEPS + 1 }, (_, k) => packed(sequential(palette, k / STEPS)));
  const none = packed(parse(absent(look)));
  return Uint32Array.from(values, (v) => (Number.isNaN(v) ? none : steps[Math.round(STEPS * placeIn(range, v))]));
}

/** Colours by element, paler in the buffer, nearly the paper's in the environment; as 0xrrggbb, [N]. */
export function elementColours(atoms: readonly Pick<AtomRow, "symbol" | "role">[], look: Look): Uint32Array {
  const known = new Map<string, number>();
  return Uint32Array.from(atoms, (atom) => {
    const key = `${atom.symbol} ${atom.role}`;
    const colour = known.get(key) ?? packed(parse(ballColour(atom, look)));
    known.set(key, colour);
    return colour;
  });
}

/** Colours by region; as 0xrrggbb, [N]. */
export function roleColours(atoms: readonly Pick<AtomRow, "role">[], look: Look): Uint32Array {
  const known = Object.fromEntries(
    (["core", "buffer", "environment"] as const).map((role) => [role, packed(parse(roleColour(role, look)))]),
  );
  return Uint32Array.from(atoms, ({ role }) => known[role]);
}

/** The colour of an atom: of its element, paler in the buffer, nearly the paper's in the environment. */
export function ballColour({ symbol, role }: Pick<AtomRow, "symbol" | "role">, look: Look): string {
  const { colour, line = colour } = elementLook(symbol);
  return mixed(parse(role === "environment" ? line : colour), parse(look.paper), PALE[role][look.dark ? 1 : 0]);
}

/** The colour of a region, or of link hydrogens; vermilion, sky blue, grey and green differ for every eye. */
export function roleColour(role: Role | "link", look: Look): string {
  const colours = { core: "#d55e00", buffer: "#56b4e9", environment: look.dark ? "#5c6066" : "#c9ccd1", link: "#009e73" };
  return colours[role];
}

/** The colour of an atom without a number. */
export function absent(look: Look): string {
  return look.dark ? "#55585c" : "#c4c7cb";
}

/** 0xrrggbb. */
export function packed([r, g, b]: Colour): number {
  return (Math.round(r) << 16) | (Math.round(g) << 8) | Math.round(b);
}

/** Colours of a palette that are told apart. */
const STEPS = 63;
/** Part of the paper in the colour of an atom, on white and on near-black, by region. */
const PALE: Record<Role, readonly [number, number]> = { core: [0, 0], buffer: [0.42, 0.36], environment: [0.82, 0.64] };

/** The vectors whose lengths a colouring shows. */
function vectorsOf(colouring: Measured, frame: FrameForces): Float64Array | null {
  if (colouring === "force") return frame.forces;
  if (colouring === "uncertainty") return frame.forcesSigma ?? null;
  const { qmForces, mlForces } = frame;
  return qmForces && mlForces ? qmForces.map((f, k) => f - mlForces[k]) : null;
}

function lengthAt(v: Float64Array, i: number): number {
  return Math.hypot(v[3 * i], v[3 * i + 1], v[3 * i + 2]);
}
