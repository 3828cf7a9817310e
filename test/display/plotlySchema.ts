/**
 * What plotly itself says of a figure: `Plotly.validate`, of the very plotly.js that the extension draws with. It does not draw here, so that
 * a page of empty names is enough for it to load.
 */
import { createRequire } from "node:module";

const node = (): object => ({ style: {}, setAttribute: () => {}, appendChild: () => {}, childNodes: [], sheet: { insertRule: () => {} } });

Object.assign(globalThis, {
  self: globalThis,
  window: globalThis,
  Element: class {
    setAttribute(): void {}
    setAttributeNS(): void {}
  },
  HTMLElement: class {},
  CSSStyleDeclaration: class {
    setProperty(): void {}
  },
  DOMParser: class {
    parseFromString(): object {
      return { documentElement: node() };
    }
  },
  document: {
    createElement: node,
    createElementNS: node,
    createTextNode: node,
    documentElement: node(),
    head: node(),
    body: node(),
    getElementById: () => null,
  },
});

interface Finding {
  readonly code: string;
  readonly msg: string;
}

const plotly = createRequire(import.meta.url)("plotly.js-basic-dist-min") as {
  validate(data: readonly object[], layout: object): readonly Finding[] | undefined;
};

/** Keys and values that plotly does not know, in its words; what it knows but does not need here is no fault. */
export function faults(figure: { readonly data: readonly object[]; readonly layout: object }): string[] {
  const { data, layout } = JSON.parse(JSON.stringify(figure)) as typeof figure;
  return (plotly.validate(data, layout) ?? []).filter((f) => f.code !== "unused").map((f) => f.msg);
}
