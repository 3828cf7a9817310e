/**
 * View `training`: the learning curves of all models with their mean or median, range and tolerances, and the images that each retraining
 * met, along evaluations or seconds. A model picked by a click on its curve, or by the keys, stands out, and its numbers are said.
 */
import { type DataTable, dataTable } from "../../../src/display/dataTable.ts";
import { modelSentence, trainingChart } from "../../../src/display/training.ts";
import { TRAINING_COLUMNS } from "../../../src/history/training.ts";
import { chartFrame } from "../chartView.ts";
import { choice } from "../choice.ts";
import { element, setText } from "../dom.ts";
import { plot } from "../plot.ts";
import type { Rows } from "../rows.ts";
import type { View, ViewContext } from "../view.ts";
import { trans } from "../words.ts";

/** The view. */
export function trainingView(context: ViewContext): View {
  let rows: Rows | undefined;
  let picked: number | undefined;
  let models: readonly number[] = [];
  const along = choice(
    trans.__("Along"),
    [["evaluations", trans.__("evaluations")] as const, ["seconds", trans.__("seconds")] as const],
    () => draw(),
  );
  const middle = choice(trans.__("Over the models"), [["mean", trans.__("mean")] as const, ["median", trans.__("median")] as const], () =>
    draw(),
  );
  const picker = element("select", { class: "qmml-picker", "aria-label": trans.__("Model") });
  const said = element("p", { class: "qmml-picked", role: "status" });
  const graph = plot("qmml-training-plot", ({ name }) => {
    const model = /^model (\d+)$/.exec(name)?.[1];
    if (model !== undefined) pick(Number(model) === picked ? undefined : Number(model));
  });
  const controls = element("div", { class: "qmml-chart-controls" }, along.node, middle.node, picker);
  const keys = element("div", { class: "qmml-keys", tabindex: "0", role: "group" }, graph.node);
  const frame = chartFrame("training", controls, said, keys);
  keys.setAttribute("aria-label", trans.__("Learning curves. Up and down arrow pick a model, Escape none."));

  picker.addEventListener("change", () => pick(picker.value === "" ? undefined : Number(picker.value)));
  keys.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") pick(undefined);
    else if (step === undefined || models.length === 0) return;
    else {
      const at = picked === undefined ? (step > 0 ? -1 : 0) : models.indexOf(picked);
      pick(models[(at + step + models.length) % models.length]);
    }
    event.preventDefault();
    event.stopPropagation();
  });

  function pick(model: number | undefined): void {
    picked = model;
    picker.value = model === undefined ? "" : String(model);
    frame.node.dataset.picked = picker.value;
    graph.pick(model === undefined ? undefined : `model ${model}`);
    say();
  }

  function say(): void {
    const none = trans.__("Pick a model by a click on its curve for its numbers.");
    setText(said, rows && picked !== undefined ? modelSentence(rows, picked) : models.length === 0 ? "" : none);
  }

  function draw(): void {
    if (!rows) return;
    const shown = rows;
    graph.draw(() => {
      const chart = trainingChart(shown, { along: along.now, middle: middle.now });
      const tables = (): DataTable[] => [dataTable("training", TRAINING_COLUMNS, shown.training)];
      frame.say(chart, { tables, theme: context.settings.exportTheme });
      return chart;
    });
  }

  return {
    node: frame.node,
    update: (next, changed) => {
      if (!changed.has("about") && !changed.has("training")) return;
      rows = next;
      const found = [...new Set(next.training.flatMap((r) => (r.member === null ? [] : [r.member])))].sort((a, b) => a - b);
      if (found.join() !== models.join() || picker.childElementCount === 0) {
        models = found;
        const options = found.map((m) => element("option", { value: String(m) }, trans.__("model %1", m)));
        picker.replaceChildren(element("option", { value: "" }, trans.__("no model picked")), ...options);
        picker.value = picked === undefined ? "" : String(picked);
      }
      draw();
      say();
    },
    restyle: graph.restyle,
    dispose: graph.dispose,
  };
}
