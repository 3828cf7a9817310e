/**
 * View `trajectory`: the atoms of a relaxation frame by frame, alone or with those of another one, and energy and largest force of all
 * relaxations below. Both are linked: a click on a curve shows the frame, and the frame shown is marked on its curve.
 */
import type { Chart } from "../../../src/display/chart.ts";
import { dataTable } from "../../../src/display/dataTable.ts";
import { framesText } from "../../../src/display/extxyz.ts";
import { displacement } from "../../../src/display/measure.ts";
import { significant } from "../../../src/display/numbers.ts";
import { trajectoryChart } from "../../../src/display/trajectory.ts";
import { STEP_COLUMNS } from "../../../src/history/steps.ts";
import type { FrameRow } from "../../../src/history/trajectory.ts";
import { ARROWS, type ArrowKind, arrowScale, arrowsOf, whyNoArrows } from "../atoms/arrows.ts";
import { newCamera } from "../atoms/camera.ts";
import {
  type ColourRange,
  colouringName,
  elementColours,
  isMeasured,
  measuredColours,
  rangeOf,
  roleColours,
  valuesOf,
  whyNot,
} from "../atoms/colouring.ts";
import { labelled, select, viewControls } from "../atoms/controls.ts";
import { type Drawn, pictureOf } from "../atoms/drawing.ts";
import { NO_MARKS } from "../atoms/marks.ts";
import { atomName, measured, pickedWith } from "../atoms/measuring.ts";
import { exportLook, picturePng } from "../atoms/pictureFile.ts";
import { frameMarks, lastStep, nearest, type Run, runsOf } from "../atoms/runs.ts";
import { chartFrame } from "../chartView.ts";
import { element, setText } from "../dom.ts";
import { download, fileName } from "../exports.ts";
import { keyOf, legend } from "../legend.ts";
import { type Look, lookAt } from "../look.ts";
import { player } from "../player.ts";
import { plot } from "../plot.ts";
import type { Rows } from "../rows.ts";
import { type Scene, sceneOf } from "../scene.ts";
import { CHOICES, type Colouring } from "../settings.ts";
import { type Frame, type Stage, stage } from "../stage.ts";
import type { View, ViewContext } from "../view.ts";
import { trans } from "../words.ts";

/** A stage with the name of what stands on it. */
interface Panel {
  readonly stage: Stage;
  readonly name: HTMLElement;
  readonly node: HTMLElement;
}

/** The view. */
export function trajectoryView(context: ViewContext): View {
  let rows: Rows | undefined;
  let chart: Chart | undefined;
  let runs: readonly Run[] = [];
  let scene: { readonly key: string; readonly scene: Scene } | undefined;
  let look: Look | undefined;
  let picked: number[] = [];
  /** Name of the relaxation, and its frame; the reader's choice stays when rows come. */
  let [own, at, chosen] = ["", 0, false];
  /** Ranges over all frames, made anew when frames come. */
  let ranges = new Map<string, ColourRange>();
  let scales = new Map<string, number>();

  const camera = newCamera();
  const panel = (): Panel => {
    const own = stage(
      trans.__(
        "Atoms. Arrow keys go through the steps, space plays them, Shift with arrows turns, plus and minus magnify, 0 turns back, N and P pick an atom, M one more, Escape none.",
      ),
      camera,
      (atom) => pick(pickedWith(picked, atom)),
    );
    const name = element("p", { class: "qmml-stage-name" });
    return { stage: own, name, node: element("div", { class: "qmml-panel" }, name, own.node) };
  };
  const [first, second] = [panel(), panel()];
  second.node.hidden = true;
  const nothing = element("p", { class: "qmml-nothing" });
  first.stage.node.append(nothing);

  const picker = element("select", { class: "qmml-picker", "aria-label": trans.__("Relaxation"), "data-control": "run" });
  const other = select<string>(trans.__("Compare with"), "compare", [["", trans.__("none")]], () => show(at));
  const colouring = select<Colouring>(
    trans.__("Colour"),
    "colouring",
    CHOICES.colouring.map((c) => [c, colouringName(c)]),
    () => show(at),
  );
  colouring.set(context.settings.colouring);
  const atomField = element("input", { type: "number", min: "0", step: "1", class: "qmml-number", "data-control": "atom" });
  atomField.addEventListener("change", () => {
    const atom = Number(atomField.value);
    if (rows && atomField.value !== "" && Number.isInteger(atom) && atom >= 0 && atom < rows.atoms.length) pick(pickedWith(picked, atom));
  });
  const button = (kind: string, words: string, label: string, pressed: () => void): HTMLButtonElement => {
    const made = element("button", { type: "button", class: "qmml-tool", "data-tool": kind, "aria-label": label, title: label }, words);
    made.addEventListener("click", pressed);
    return made;
  };
  const problem = element("span", { class: "qmml-problem", role: "status" });
  const exports = element(
    "span",
    { class: "qmml-tools" },
    button("atoms-png", "PNG", trans.__("Export the picture of the atoms as PNG"), () => void savePicture()),
    button("frame-xyz", trans.__("extxyz"), trans.__("Export this frame as extxyz"), () => saveFrames(false)),
    button("all-xyz", trans.__("extxyz, all frames"), trans.__("Export all frames of this relaxation as extxyz"), () => saveFrames(true)),
    problem,
  );
  const view = viewControls(() => show(at), [labelled(trans.__("Pick atom"), atomField), exports]);
  const controls = player(
    (frame) => show(frame),
    [picker],
    () => context.settings.framesPerSecond,
  );
  const key = legend();
  const said = element("output", { class: "qmml-measured", "aria-live": "polite" });
  const compared = element("p", { class: "qmml-compared", role: "status" });
  const graph = plot("qmml-trajectory-plot", ({ name, x }) => {
    const run = runs.find((r) => r.name === name) ?? runOf(own);
    if (!run) return;
    [own, chosen] = [run.name, true];
    show(nearest(run.frames, x));
  });
  const frame = chartFrame(
    "trajectory",
    element("div", { class: "qmml-panels" }, first.node, second.node),
    controls.node,
    element("div", { class: "qmml-key-row" }, colouring.node, other.node, key.node),
    compared,
    said,
    view.node,
    graph.node,
  );

  picker.addEventListener("change", () => {
    [own, chosen] = [picker.value, true];
    show(0);
  });
  frame.node.addEventListener("keydown", (event) => {
    const there = event.target as Element;
    if (there.matches("select, input, button, summary, a, .qmml-scroll")) return;
    if (event.key === "0") return home();
    if (first.stage.key(event)) return;
    const step = { n: 1, p: -1 }[event.key.toLowerCase()];
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
    if (plain && step !== undefined && rows) pick([...picked.slice(0, -1), next(picked.at(-1) ?? (step > 0 ? -1 : 0), step)]);
    else if (plain && event.key.toLowerCase() === "m" && picked.length > 0) pick(pickedWith(picked, next(picked[picked.length - 1], 1)));
    else if (event.key === "Escape" && picked.length > 0) pick([]);
    else return controls.key(event);
    event.preventDefault();
    event.stopPropagation();
  });

  const runOf = (name: string): Run | undefined => runs.find((r) => r.name === name);
  const next = (atom: number, step: number): number => {
    const n = rows?.atoms.length ?? 1;
    return (atom + step + n) % n;
  };
  const home = (): void => {
    camera.touched = false;
    first.stage.reset();
  };
  const pick = (atoms: number[]): void => {
    picked = atoms;
    atomField.value = atoms.length === 0 ? "" : String(atoms[atoms.length - 1]);
    show(at);
  };

  function show(index: number): void {
    const run = runOf(own);
    if (!run || !rows) return;
    at = Math.max(0, Math.min(index, run.frames.length - 1));
    const row = run.frames[at];
    const choices = view.now;
    const colour = colouring.now();
    const layout = { repeats: choices.repeats, cell: choices.cell };
    const sceneKey = JSON.stringify([own, layout]);
    if (scene?.key !== sceneKey) {
      scene = { key: sceneKey, scene: sceneOf(rows, run.frames[0].positions, layout) };
    }
    const on = scene.scene;
    const twin = runOf(other.now());
    const twinRow = twin?.frames[nearest(twin.frames, row.step ?? 0)];
    const beside = twinRow !== undefined && choices.together === "beside";
    const over = twinRow !== undefined && !beside ? twinRow : undefined;
    const drawFrame = (of: FrameRow, ghost?: FrameRow): Frame => {
      return (colours) => ({
        solid: pictureOf(on, on.place(of.positions), colours, drawnSo(of, colours)),
        ...(ghost && {
          ghost: pictureOf(on, on.place(ghost.positions), colours, { ...drawnSo(ghost, colours), arrows: undefined, cell: "none" }),
        }),
      });
    };
    view.offer({
      pbc: rows.about.pbc,
      hasCell: on.cell.whole.length > 0,
      hasBonds: on.sticks.length > 0,
      isMeasured: isMeasured(colour),
      isCompared: twin !== undefined,
    });
    for (const { stage: one } of [first, second]) one.render(choices.renderer);
    first.stage.show(on, drawFrame(row, over));
    if (second.node.hidden === beside) second.node.hidden = !beside;
    if (beside && twinRow) second.stage.show(on, drawFrame(twinRow));
    const words = (name: string, of: FrameRow): string => trans.__("%1, step %2", name, of.step ?? 0);
    first.name.hidden = twin === undefined;
    if (twin && twinRow) {
      setText(first.name, over ? trans.__("%1; pale: %2", words(own, row), words(twin.name, twinRow)) : words(own, row));
      setText(second.name, words(twin.name, twinRow));
    }
    const measurement = measured(rows, row, on, picked);
    first.stage.mark(measurement.marks);
    second.stage.mark(beside && twinRow ? measured(rows, twinRow, on, picked).marks : NO_MARKS);
    setText(said, measurement.words);
    setText(compared, twinRow && twin ? comparison(row, twin, twinRow) : "");
    controls.set(run.frames.length, at);
    controls.say(trans.__("step %1 of %2 · fmax %3 eV/Å", row.step ?? 0, lastStep(run), significant(row.fmax)));
    picker.value = own;
    graph.mark(
      chart ? [...frameMarks(chart, own, row.step ?? 0), ...(twin && twinRow ? frameMarks(chart, twin.name, twinRow.step ?? 0) : [])] : [],
    );
    Object.assign(frame.node.dataset, {
      run: own,
      step: String(row.step ?? 0),
      colouring: colour,
      arrows: choices.arrows,
      picked: picked.join(" "),
    });
    sayKey();
  }

  /** Colours and arrows of a frame. */
  function drawnSo(of: FrameRow, colours: Look): Drawn {
    if (!rows) return {};
    const { bonds, cell, arrows } = view.now;
    const colour = colouring.now();
    const range = rangeNow();
    const values = isMeasured(colour) && range ? valuesOf(colour, of) : null;
    const none = (): Float64Array => new Float64Array(rows?.atoms.length ?? 0).fill(Number.NaN);
    const by =
      range && isMeasured(colour)
        ? measuredColours(values ?? none(), range, context.settings.palette, colours)
        : colour === "role"
          ? roleColours(rows.atoms, colours)
          : elementColours(rows.atoms, colours);
    const vectors = arrowsOf(arrows, of);
    return {
      colours: by,
      bonds,
      cell,
      byRole: colour === "role",
      ...(vectors && { arrows: { vectors, scale: scaleNow(), colour: arrowColour(arrows, colours) } }),
    };
  }

  function rangeNow(): ColourRange | null {
    const colour = colouring.now();
    const { logarithmic } = view.now;
    if (!isMeasured(colour) || !rows) return null;
    const name = `${colour} ${logarithmic}`;
    const range = ranges.get(name) ?? rangeOf(colour, rows.trajectory, logarithmic);
    ranges.set(name, range);
    return range;
  }

  function scaleNow(): number {
    const { arrows, finer } = view.now;
    const name = `${arrows} ${finer}`;
    const scale = scales.get(name) ?? arrowScale(arrows, rows?.trajectory ?? [], finer);
    scales.set(name, scale);
    return scale;
  }

  /** What the study cannot show is not to be chosen. */
  function limit(frames: readonly FrameRow[]): void {
    for (const c of CHOICES.colouring) colouring.limit(c, whyNot(c, frames));
    if (whyNot(colouring.now(), frames) !== "") colouring.set("element");
    for (const kind of ARROWS) view.limit(kind, whyNoArrows(kind, frames));
  }

  function sayKey(): void {
    if (!rows || !frame.node.isConnected) return;
    look ??= lookAt(first.stage.node);
    key.set(keyNow(rows, look));
  }

  function keyNow(of: Rows, colours: Look): ReturnType<typeof keyOf> {
    const range = rangeNow();
    const { arrows } = view.now;
    const kinds = {
      hybrid: trans.__("force"),
      qm: trans.__("QM force"),
      ml: trans.__("model's force"),
      difference: trans.__("QM − model"),
    };
    const words = arrows === "none" ? "" : trans.__("%1: 1 Å is %2 eV/Å", kinds[arrows], significant(scaleNow(), 1));
    return keyOf(
      of,
      colouring.now(),
      colours,
      range && { range, palette: context.settings.palette, gaps: hasGaps() },
      words === "" ? null : { words, colour: arrowColour(arrows, colours) },
    );
  }

  function hasGaps(): boolean {
    const [colour, row] = [colouring.now(), runOf(own)?.frames[at]];
    return row === undefined || !isMeasured(colour) || (valuesOf(colour, row)?.some(Number.isNaN) ?? true);
  }

  function comparison(row: FrameRow, twin: Run, twinRow: FrameRow): string {
    if (!rows) return "";
    const core = rows.atoms.flatMap((a, i) => (a.role === "core" ? [i] : []));
    const { rmsd, farthest, distance } = displacement(row.positions, twinRow.positions, core.length > 0 ? core : [...rows.atoms.keys()]);
    const numbers = trans.__(
      "Core, against %1 at step %2: RMSD %3 Å after superposition; farthest away %4, %5 Å.",
      twin.name,
      twinRow.step ?? 0,
      significant(rmsd),
      atomName(rows.atoms[farthest]),
      significant(distance),
    );
    const ended = (row.step ?? 0) > lastStep(twin) ? ` ${trans.__("It ended there.")}` : "";
    return numbers + ended;
  }

  async function savePicture(): Promise<void> {
    if (!rows) return;
    setText(problem, "");
    try {
      const colours = exportLook(lookAt(first.stage.node), context.settings.exportTheme);
      const panels = [first, ...(second.node.hidden ? [] : [second])].map((p) => ({
        stage: p.stage,
        name: p.name.textContent || nameNow(),
      }));
      download(fileName(`${rows.about.name} ${nameNow()}`, "png"), await picturePng(panels, keyNow(rows, colours), colours));
    } catch (error) {
      setText(problem, trans.__("The picture cannot be exported: %1", String(error)));
    }
  }

  function saveFrames(all: boolean): void {
    const run = runOf(own);
    if (!rows || !run) return;
    setText(problem, "");
    try {
      const text = framesText(rows.about, rows.atoms, all ? run.frames : [run.frames[at]]);
      download(fileName(`${rows.about.name} ${all ? own : nameNow()}`, "extxyz"), new Blob([text], { type: "chemical/x-xyz" }));
    } catch (error) {
      setText(problem, trans.__("The frames cannot be exported: %1", String(error)));
    }
  }

  function nameNow(): string {
    return trans.__("%1, step %2", own, runOf(own)?.frames[at]?.step ?? 0);
  }

  const dress = (): void => {
    for (const { stage: one } of [first, second]) one.node.style.height = `${context.settings.stageHeight}px`;
  };
  dress();

  return {
    node: frame.node,
    update: (next, changed) => {
      rows = next;
      if (["about", "steps", "summary", "messages"].some((name) => changed.has(name as "about"))) {
        chart = trajectoryChart(next);
        frame.say(chart, {
          tables: () => [dataTable("steps", STEP_COLUMNS, rows?.steps ?? [])],
          theme: context.settings.exportTheme,
        });
        graph.draw(chart);
      }
      if (!changed.has("trajectory") && !changed.has("atoms")) return;
      [ranges, scales] = [new Map(), new Map()];
      const ended = at === (runOf(own)?.frames.length ?? 0) - 1;
      runs = runsOf(next.trajectory);
      limit(next.trajectory);
      const names = runs.map((r) => r.name);
      if (names.join() !== Array.from(picker.options, (o) => o.value).join()) {
        const comparedWith = other.now();
        picker.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
        other.list.replaceChildren(
          element("option", { value: "" }, trans.__("none")),
          ...names.map((name) => element("option", { value: name }, name)),
        );
        other.set(comparedWith);
        other.node.hidden = names.length < 2;
      }
      atomField.max = String(Math.max(0, next.atoms.length - 1));
      if (!chosen) own = runs[0]?.name ?? "";
      setText(nothing, names.length === 0 ? trans.__("no step yet") : "");
      const count = runOf(own)?.frames.length ?? 0;
      // A relaxation that runs is followed; one that the reader looks through is not.
      show(ended || !chosen ? count - 1 : at);
    },
    restyle: () => {
      look = undefined;
      dress();
      first.stage.restyle();
      second.stage.restyle();
      graph.restyle();
      sayKey();
    },
    dispose: () => {
      first.stage.dispose();
      second.stage.dispose();
      graph.dispose();
      controls.dispose();
    },
  };
}

function arrowColour(kind: ArrowKind, look: Look): string {
  const [light, dark] = kind === "difference" ? ["#00727d", "#4dd0e1"] : ["#8b1e5b", "#ffd166"];
  return look.dark ? dark : light;
}
