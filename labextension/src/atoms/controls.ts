/** The controls of the fold "View", each with its label, and what they are set to. */
import { element, fold } from "../dom.ts";
import type { CellEdges } from "../scene.ts";
import type { Renderer } from "../stage.ts";
import { trans } from "../words.ts";
import { ARROWS, type ArrowKind, arrowName } from "./arrows.ts";

/** How two relaxations are shown together. */
export type Together = "beside" | "over";

/** What the controls are set to. */
export interface ViewChoices {
  readonly logarithmic: boolean;
  readonly arrows: ArrowKind;
  /** Doublings of the arrows' length. */
  readonly finer: number;
  readonly repeats: readonly [number, number, number];
  readonly cell: CellEdges;
  readonly bonds: boolean;
  readonly together: Together;
  readonly renderer: Renderer;
}

/** What there is to be chosen from; the rest is not shown. */
export interface Offered {
  /** `TTF`: only along what repeats are there copies. */
  readonly pbc: string;
  readonly hasCell: boolean;
  readonly hasBonds: boolean;
  readonly isMeasured: boolean;
  readonly isCompared: boolean;
}

/** The fold. */
export interface ViewControls {
  readonly node: HTMLElement;
  readonly now: ViewChoices;
  offer(offered: Offered): void;
  /** Makes a kind of arrows one that cannot be chosen, and says why; without a reason it can. */
  limit(kind: ArrowKind, why: string): void;
}

/** Most copies along a lattice vector. */
const COPIES = 3;
/** Doublings and halvings of the arrows' length that the slider reaches. */
const DOUBLINGS = 4;

/** @param more further controls, at the end */
export function viewControls(changed: () => void, more: readonly Node[]): ViewControls {
  const arrows = select<ArrowKind>(
    trans.__("Force arrows"),
    "arrows",
    ARROWS.map((kind) => [kind, arrowName(kind)]),
    changed,
  );
  const finer = element("input", {
    type: "range",
    min: String(-DOUBLINGS),
    max: String(DOUBLINGS),
    step: "1",
    value: "0",
    "data-control": "arrow-scale",
  });
  finer.addEventListener("input", changed);
  const logarithmic = checkbox(trans.__("logarithmic colours"), "logarithmic", false, changed);
  const bonds = checkbox(trans.__("bonds"), "bonds", true, changed);
  const cell = select<CellEdges>(
    trans.__("Cell"),
    "cell",
    [
      ["floor", trans.__("where it repeats")],
      ["whole", trans.__("all edges")],
      ["none", trans.__("none")],
    ],
    changed,
  );
  const repeats = ["a", "b", "c"].map((name) =>
    select<string>(
      trans.__("Repeat along %1", name),
      `repeat-${name}`,
      Array.from({ length: COPIES }, (_, k) => [String(k + 1), String(k + 1)]),
      changed,
    ),
  );
  const together = select<Together>(
    trans.__("Show two"),
    "together",
    [
      ["beside", trans.__("side by side")],
      ["over", trans.__("one over the other")],
    ],
    changed,
  );
  const renderer = select<Renderer>(
    trans.__("Drawn by"),
    "renderer",
    [
      ["auto", trans.__("what is faster")],
      ["webgl", trans.__("WebGL (3Dmol)")],
      ["painter", trans.__("the processor")],
    ],
    changed,
  );
  const [arrowNode, finerNode] = [arrows.node, labelled(trans.__("Length"), finer)];
  const node = fold(
    trans.__("View"),
    element(
      "div",
      { class: "qmml-options" },
      ...[arrowNode, finerNode, logarithmic.node, bonds.node, cell.node],
      ...repeats.map((r) => r.node),
      ...[together.node, renderer.node, ...more],
    ),
  );
  node.classList.add("qmml-view-options");
  return {
    node,
    get now() {
      return {
        logarithmic: logarithmic.box.checked,
        arrows: arrows.now(),
        finer: Number(finer.value),
        repeats: repeats.map((r) => Number(r.now())) as unknown as ViewChoices["repeats"],
        cell: cell.now(),
        bonds: bonds.box.checked,
        together: together.now(),
        renderer: renderer.now(),
      };
    },
    limit: (kind, why) => {
      arrows.limit(kind, why);
      if (why !== "" && arrows.now() === kind) arrows.set("none");
    },
    offer: ({ pbc, hasCell, hasBonds, isMeasured, isCompared }) => {
      for (const [k, r] of repeats.entries()) r.node.hidden = pbc[k] !== "T";
      cell.node.hidden = !hasCell;
      bonds.node.hidden = !hasBonds;
      logarithmic.node.hidden = !isMeasured;
      together.node.hidden = !isCompared;
      finerNode.hidden = arrows.now() === "none";
    },
  };
}

/** A select with a label. */
export interface Select<T extends string> {
  readonly node: HTMLElement;
  readonly list: HTMLSelectElement;
  now(): T;
  set(value: T): void;
  /** Makes an option one that cannot be chosen, and says why; without a reason it can. */
  limit(value: T, why: string): void;
}

/** @param name of the attribute `data-control`, by which a test finds it */
export function select<T extends string>(
  label: string,
  name: string,
  options: readonly (readonly [value: T, words: string])[],
  changed: () => void,
): Select<T> {
  const list = element(
    "select",
    { class: "qmml-picker", "data-control": name },
    ...options.map(([value, words]) => element("option", { value }, words)),
  );
  list.addEventListener("change", changed);
  return {
    node: labelled(label, list),
    list,
    now: () => list.value as T,
    set: (value) => {
      list.value = value;
    },
    limit: (value, why) => {
      const option = Array.from(list.options).find((o) => o.value === value);
      if (!option) return;
      option.disabled = why !== "";
      option.title = why;
    },
  };
}

function checkbox(label: string, name: string, checked: boolean, changed: () => void): { node: HTMLElement; box: HTMLInputElement } {
  const box = element("input", { type: "checkbox", "data-control": name });
  box.checked = checked;
  box.addEventListener("change", changed);
  return { node: element("label", { class: "qmml-option" }, box, label), box };
}

/** A control after its label. */
export function labelled(label: string, control: HTMLElement): HTMLElement {
  return element("label", { class: "qmml-option" }, label, control);
}
