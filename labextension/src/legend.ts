/** What the colours of the atoms mean: elements, then regions with their numbers of atoms. */
import { counted } from "../../src/display/numbers.ts";
import type { AtomRow, Role } from "../../src/history/atoms.ts";
import { element } from "./dom.ts";
import { lookAt } from "./look.ts";
import type { Rows } from "./rows.ts";
import { ballColour } from "./scene.ts";

const ROLES: readonly Role[] = ["core", "buffer", "environment"];

/** A legend. */
export interface Legend {
  readonly node: HTMLElement;
  set(atoms: readonly AtomRow[], about: Rows["about"]): void;
  restyle(): void;
}

/** An empty legend. */
export function legend(): Legend {
  const node = element("ul", { class: "qmml-legend", "aria-label": "Colours of the atoms" });
  let discs: { readonly disc: HTMLElement; readonly symbol: string; readonly role: Role }[] = [];
  const restyle = (): void => {
    if (!node.isConnected) return;
    const look = lookAt(node.parentElement ?? node);
    for (const { disc, symbol, role } of discs) disc.style.backgroundColor = ballColour({ symbol, role }, look);
  };
  return {
    node,
    set: (atoms, { linkAtoms }) => {
      const symbols = [...new Set(atoms.map((a) => a.symbol))];
      const sample = (role: Role): string => (atoms.find((a) => a.role === role && a.symbol !== "H") ?? atoms[0]).symbol;
      const entries = [
        ...symbols.map((symbol) => ({ symbol, role: "core" as const, words: symbol })),
        ...ROLES.flatMap((role) => {
          const n = atoms.filter((a) => a.role === role).length;
          return n === 0 ? [] : [{ symbol: sample(role), role, words: `${role} (${counted(n, "atom")})` }];
        }),
      ];
      discs = [];
      const items = entries.map(({ symbol, role, words }) => {
        const disc = element("span", { class: "qmml-disc", "aria-hidden": "true" });
        discs.push({ disc, symbol, role });
        return element("li", {}, disc, words);
      });
      const cut = element("span", { class: "qmml-cut", "aria-hidden": "true" });
      node.replaceChildren(...items, ...(linkAtoms > 0 ? [element("li", {}, cut, "cut bond (link H)")] : []));
      restyle();
    },
    restyle,
  };
}
