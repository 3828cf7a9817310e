/** What the command "Export figure…" does: of everything that a view's own buttons save the reader picks one. */
import { InputDialog } from "@jupyterlab/apputils";
import { trans } from "./words.ts";

/** Buttons that save a file, by what views call them. */
const SAVING = 'button[data-tool]:not([data-tool="table"])';

/**
 * Asks which file, and saves it.
 * @param view the view's node
 * @param at the node that was pointed at: if it is in a figure, that figure's files are offered
 */
export async function exportFigure(view: Element, at: Element): Promise<void> {
  const inside = at.closest("figure");
  const within = inside?.querySelector(SAVING) ? inside : view;
  const found = [...within.querySelectorAll<HTMLButtonElement>(SAVING)].filter((button) => button.closest("[hidden]") === null);
  const names = found.map((button) => {
    const figure = button.closest("figure")?.querySelector(".qmml-title")?.textContent ?? "";
    return `${figure}: ${button.getAttribute("aria-label") ?? button.textContent}`;
  });
  const title = trans.__("Export figure");
  if (names.length === 0) {
    await InputDialog.getItem({ title, items: [trans.__("This view has nothing to export yet.")] });
    return;
  }
  const { value } = await InputDialog.getItem({ title, items: names, okLabel: trans.__("Export") });
  if (value !== null) found[names.indexOf(value)]?.click();
}
