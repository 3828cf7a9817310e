/**
 * View `path`: the atoms of an image, and under them the energy along the path with both barriers. Both are linked: a click on an image of
 * the curve shows its atoms, and the image shown is ringed on the curve.
 */
import type { Chart } from "../../../src/display/chart.ts";
import { type DataTable, dataTable } from "../../../src/display/dataTable.ts";
import { significant } from "../../../src/display/numbers.ts";
import { barriersOf, pathChart } from "../../../src/display/pathChart.ts";
import { IMAGE_COLUMNS, type ImageRow, type PathRows } from "../../../src/history/path.ts";
import { chartFrame } from "../chartView.ts";
import { player } from "../player.ts";
import { type Marked, plot } from "../plot.ts";
import type { Rows } from "../rows.ts";
import { type Scene, sceneOf } from "../scene.ts";
import { stage } from "../stage.ts";
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
export function pathView(context: ViewContext): PathView {
  let rows: PathRows | undefined;
  let scene: Scene | undefined;
  let at = -1;
  const atoms = stage(trans.__("The atoms of an image. Arrow keys go through the images, space plays them, 0 turns back."));
  const controls = player(
    (image) => show(image),
    [],
    () => context.settings.framesPerSecond,
  );
  const graph = plot("qmml-path-plot", ({ x }) => {
    if (rows) show(nearest(rows.images, x));
  });
  const frame = chartFrame("path", atoms.node, controls.node, graph.node);
  frame.node.addEventListener("keydown", (event) => {
    const there = event.target as Node;
    if (there instanceof HTMLSelectElement || there instanceof HTMLInputElement || there instanceof HTMLButtonElement) return;
    if (event.key === "0") atoms.reset();
    else if (there !== atoms.node || !atoms.key(event)) controls.key(event);
  });

  function show(next: number): void {
    if (!rows || !scene) return;
    at = next;
    frame.node.dataset.image = String(at);
    atoms.show(scene, rows.images[at].positions);
    controls.set(rows.images.length, at);
    const { image, energy, fmax } = rows.images[at];
    const force = fmax === null ? "" : ` · fmax ${significant(fmax)} eV/Å`;
    controls.say(`${trans.__("image %1", image)} · ${significant(energy - rows.images[0].energy, 4)} eV${force}`);
    graph.mark(marksOf(rows, at));
  }

  return {
    node: frame.node,
    update: (next) => {
      rows = next;
      scene = sceneOf({ about: next.path as unknown as Rows["about"], atoms: next.atoms }, next.images[0].positions);
      const chart: Chart = pathChart(next);
      const tables = (): DataTable[] => [dataTable("images", IMAGE_COLUMNS, next.images)];
      frame.say(chart, { tables, theme: context.settings.exportTheme });
      graph.draw(chart);
      // The highest image is the one that matters.
      show(at >= 0 && at < next.images.length ? at : barriersOf(next.images).at);
    },
    restyle: () => {
      atoms.restyle();
      graph.restyle();
    },
    dispose: () => {
      atoms.dispose();
      graph.dispose();
      controls.dispose();
    },
  };
}

/** The image whose coordinate is nearest. */
function nearest(images: readonly ImageRow[], coordinate: number): number {
  const away = images.map((i) => Math.abs(i.coordinate - coordinate));
  return away.indexOf(Math.min(...away));
}

/** The image in the panel of energies. */
function marksOf({ images }: PathRows, at: number): Marked[] {
  const { coordinate, energy } = images[at];
  return [{ panel: 0, x: coordinate, y: energy - images[0].energy, hue: "retrained" }];
}
