/** A choice of a few, all to be seen: one pressed button among several. */
import { element } from "./dom.ts";

/** A choice. */
export interface Choice<T extends string> {
  readonly node: HTMLElement;
  readonly now: T;
}

/**
 * @param label what is chosen
 * @param options values and their words; the first is chosen at first
 */
export function choice<T extends string>(
  label: string,
  options: readonly (readonly [value: T, words: string])[],
  chosen: () => void,
): Choice<T> {
  let [[now]] = options;
  const buttons = options.map(([value, words]) => {
    const button = element(
      "button",
      { type: "button", class: "qmml-choice", "data-value": value, "aria-pressed": String(value === now) },
      words,
    );
    button.addEventListener("click", () => {
      if (now === value) return;
      now = value;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      chosen();
    });
    return button;
  });
  return {
    node: element(
      "span",
      { class: "qmml-choices", role: "group", "aria-label": label },
      element("span", { "aria-hidden": "true" }, label),
      ...buttons,
    ),
    get now() {
      return now;
    },
  };
}
