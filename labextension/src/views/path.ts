/** View `path`: the energy of each image along a path, over the one of the first. */
import { fixed } from "../../../src/display/numbers.ts";
import { element, setText } from "../dom.ts";
import type { PathRows } from "../pathRows.ts";
import type { ViewContext } from "../view.ts";
import { trans } from "../words.ts";

/** A drawn path. */
export interface PathView {
  readonly node: HTMLElement;
  update(rows: PathRows): void;
  /** The theme or the settings are others. */
  restyle(): void;
  dispose(): void;
}

/** The view. */
export function pathView(_: ViewContext): PathView {
  const title = element("h3", { class: "qmml-title" });
  const table = element("table", { class: "qmml-table" });
  const heads = [trans.__("image"), trans.__("along the path (Å)"), trans.__("energy (eV)")];
  table.createTHead().append(element("tr", {}, ...heads.map((name) => element("th", { scope: "col" }, name))));
  const body = table.createTBody();
  const node = element("figure", { class: "qmml-path" }, title, table);
  return {
    node,
    update: ({ path, images }) => {
      setText(title, path.name);
      const [first] = images;
      body.replaceChildren(
        ...images.map(({ image, coordinate, energy }) => {
          const cells = [fixed(coordinate, 3), fixed(energy - first.energy, 4)].map((text) => element("td", {}, text));
          return element("tr", {}, element("th", { scope: "row" }, String(image)), ...cells);
        }),
      );
      const top = Math.max(...images.map((i) => i.energy)) - first.energy;
      node.setAttribute("aria-label", trans.__("Path %1, %2 images, barrier %3 eV.", path.name, images.length, fixed(top, 3)));
    },
    restyle: () => {},
    dispose: () => {},
  };
}
