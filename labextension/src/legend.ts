/** What colours and arrows of the atoms mean: as a list on the page, and with a pen on an exported picture. */
import { counted, significant } from "../../src/display/numbers.ts";
import { scaleOf } from "../../src/display/scale.ts";
import type { AtomRow, Role } from "../../src/history/atoms.ts";
import { absent, ballColour, type ColourRange, colouringTitle, type Measured, placeIn, roleColour } from "./atoms/colouring.ts";
import { sequential } from "./atoms/palette.ts";
import { element } from "./dom.ts";
import { type Look, mixed } from "./look.ts";
import type { Rows } from "./rows.ts";
import type { Colouring, Palette } from "./settings.ts";
import { trans } from "./words.ts";

/** An entry with a colour. */
export interface Entry {
  readonly colour: string;
  readonly words: string;
  readonly sign: "disc" | "small" | "arrow";
}

/** A colour bar. */
export interface Bar {
  readonly title: string;
  readonly unit: string;
  readonly palette: Palette;
  readonly range: ColourRange;
}

/** A legend's content. */
export interface Key {
  readonly bar?: Bar;
  readonly entries: readonly Entry[];
}

/** A legend. */
export interface Legend {
  readonly node: HTMLElement;
  set(key: Key): void;
}

const ROLES: readonly Role[] = ["core", "buffer", "environment"];
/** Stops of a bar's gradient. */
const STOPS = 12;
/** Ticks this near to an end, as a part of the bar, would lie on the end's number. */
const CLEAR = 0.2;

/**
 * What a legend says.
 * @param range of numbers, where atoms are coloured by one; `gaps`: some atoms have none
 * @param arrows words and colour of the arrows, where there are any
 */
export function keyOf(
  { atoms, about }: Pick<Rows, "atoms" | "about">,
  colouring: Colouring,
  look: Look,
  range: { readonly range: ColourRange; readonly palette: Palette; readonly gaps: boolean } | null,
  arrows: { readonly words: string; readonly colour: string } | null,
): Key {
  const arrow: Entry[] = arrows ? [{ ...arrows, sign: "arrow" }] : [];
  const link = (colour: string): Entry[] =>
    about.linkAtoms > 0 ? [{ colour, words: trans.__("link hydrogen on a cut bond"), sign: "small" }] : [];
  if (range) {
    const bar: Bar = { title: colouringTitle(colouring as Measured), unit: "eV/Å", palette: range.palette, range: range.range };
    const none: Entry[] = range.gaps ? [{ colour: absent(look), words: trans.__("no value"), sign: "disc" }] : [];
    return { bar, entries: [...none, ...arrow] };
  }
  // Atoms of a plain file belong to no region.
  const regions = (about.clusterAtoms === 0 ? [] : ROLES).flatMap((role): { role: Role; words: string; sample: AtomRow }[] => {
    const own = atoms.filter((a) => a.role === role);
    const words = `${role} (${counted(own.length, "atom")})`;
    return own.length === 0 ? [] : [{ role, words, sample: own.find((a) => a.symbol !== "H") ?? own[0] }];
  });
  if (colouring === "role") {
    const entries = regions.map(({ role, words }): Entry => ({ colour: roleColour(role, look), words, sign: "disc" }));
    return { entries: [...entries, ...link(roleColour("link", look)), ...arrow] };
  }
  const symbols = [...new Set(atoms.map((a) => a.symbol))];
  const elements = symbols.map((symbol): Entry => ({ colour: ballColour({ symbol, role: "core" }, look), words: symbol, sign: "disc" }));
  const shades = regions.map(
    ({ role, words, sample }): Entry => ({ colour: ballColour({ symbol: sample.symbol, role }, look), words, sign: "disc" }),
  );
  return { entries: [...elements, ...shades, ...link("#f4f4f4"), ...arrow] };
}

/** An empty legend. */
export function legend(): Legend {
  const node = element("ul", { class: "qmml-legend", "aria-label": trans.__("Colours of the atoms") });
  let said = "";
  return {
    node,
    set: (key) => {
      const now = JSON.stringify(key);
      if (now === said) return;
      said = now;
      const items = key.entries.map(({ colour, words, sign }) => {
        const mark = element("span", { class: `qmml-${sign}`, "aria-hidden": "true" });
        if (sign === "arrow") mark.style.color = colour;
        else mark.style.backgroundColor = colour;
        return element("li", {}, mark, words);
      });
      node.replaceChildren(...(key.bar ? [element("li", { class: "qmml-colourbar" }, ...barNodes(key.bar))] : []), ...items);
    },
  };
}

/**
 * Draws a legend in one or more rows.
 * @param size of one CSS pixel
 * @returns its height, in the pen's pixels; without drawing if `draws` is false
 */
export function drawLegend(
  pen: CanvasRenderingContext2D,
  key: Key,
  look: Look,
  left: number,
  top: number,
  width: number,
  size: number,
  draws: boolean,
): number {
  const [row, gap] = [20 * size, 18 * size];
  let [x, y] = [left, top];
  pen.font = `${12 * size}px ${look.font}`;
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  if (key.bar) {
    if (draws) drawBar(pen, key.bar, look, left, y, Math.min(width, 420 * size), size);
    y += 46 * size;
  }
  for (const { colour, words, sign } of key.entries) {
    const wide = 16 * size + pen.measureText(words).width;
    if (x > left && x + wide > left + width) [x, y] = [left, y + row];
    if (draws) {
      pen.fillStyle = colour;
      pen.strokeStyle = sign === "arrow" ? colour : look.ink;
      pen.lineWidth = (sign === "arrow" ? 2 : 1) * size;
      pen.beginPath();
      const middle = y + row / 2;
      if (sign === "arrow") {
        pen.moveTo(x, middle);
        pen.lineTo(x + 11 * size, middle);
        pen.moveTo(x + 7 * size, middle - 4 * size);
        pen.lineTo(x + 11 * size, middle);
        pen.lineTo(x + 7 * size, middle + 4 * size);
        pen.stroke();
      } else {
        pen.arc(x + 5 * size, middle, (sign === "small" ? 3 : 5) * size, 0, 2 * Math.PI);
        pen.fill();
        pen.stroke();
      }
      pen.fillStyle = look.ink;
      pen.fillText(words, x + 16 * size, middle);
    }
    x += wide + gap;
  }
  return y + row - top;
}

/** Numbers at a bar: its ends, and ticks between that do not touch them. */
export function barTicks({ range }: Pick<Bar, "range">): { readonly at: number; readonly words: string }[] {
  const { low, high, logarithmic } = range;
  const axis = { label: "", unit: null, ...(logarithmic && { scale: "log" as const }) };
  const inner = scaleOf(axis, [low, high], [0, 1], 5).ticks.filter((t) => t.text !== "");
  const ends = [
    { at: 0, words: `${logarithmic ? "≤ " : ""}${significant(low, 2)}` },
    { at: 1, words: significant(high, 2) },
  ];
  const between = inner
    .map(({ value, text }) => ({ at: placeIn(range, value), words: text }))
    .filter(({ at }) => at > CLEAR && at < 1 - CLEAR);
  return [ends[0], ...between, ends[1]];
}

function barNodes(bar: Bar): HTMLElement[] {
  const ticks = barTicks(bar);
  const strip = element("span", { class: "qmml-strip" });
  strip.style.background = `linear-gradient(to right, ${stops(bar.palette).join(", ")})`;
  const numbers = ticks.map(({ at, words }) => {
    const tick = element("span", { class: "qmml-tick" }, words);
    tick.style.left = `${100 * at}%`;
    return tick;
  });
  const title = element("span", { class: "qmml-colourbar-title" }, `${bar.title} (${bar.unit})`);
  return [title, element("span", { class: "qmml-colourscale" }, strip, ...numbers)];
}

function drawBar(pen: CanvasRenderingContext2D, bar: Bar, look: Look, left: number, top: number, width: number, size: number): void {
  pen.fillStyle = look.ink;
  pen.fillText(`${bar.title} (${bar.unit})`, left, top + 7 * size);
  const gradient = pen.createLinearGradient(left, 0, left + width, 0);
  for (const [k, colour] of stops(bar.palette).entries()) gradient.addColorStop(k / STOPS, colour);
  pen.fillStyle = gradient;
  pen.strokeStyle = look.ink;
  pen.lineWidth = size;
  pen.fillRect(left, top + 16 * size, width, 10 * size);
  pen.strokeRect(left, top + 16 * size, width, 10 * size);
  pen.fillStyle = look.ink;
  for (const { at, words } of barTicks(bar)) {
    pen.textAlign = at === 0 ? "left" : at === 1 ? "right" : "center";
    pen.fillText(words, left + at * width, top + 36 * size);
  }
  pen.textAlign = "left";
}

function stops(palette: Palette): string[] {
  return Array.from({ length: STOPS + 1 }, (_, k) => mixed(sequential(palette, k / STOPS), [0, 0, 0], 0));
}
