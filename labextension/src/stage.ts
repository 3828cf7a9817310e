/** Where atoms are seen: a poster at once, a lent WebGL viewer over it while the stage is on the screen. */
import { element, whenResized, whenSeen } from "./dom.ts";
import { type Look, lookAt } from "./look.ts";
import { drawPoster, scaleOf } from "./poster.ts";
import { ballColour, type Scene } from "./scene.ts";
import { borrow, giveBack, type Lent } from "./viewers.ts";

/** A stage. */
export interface Stage {
  readonly node: HTMLElement;
  /** Another scene or another frame; the reader's view of the same scene is kept. */
  show(scene: Scene, positions: Float64Array): void;
  /** Back to the view of the beginning. */
  reset(): void;
  restyle(): void;
  dispose(): void;
}

/** Half of 3Dmol's field of view, and where its camera stands. */
const [FIELD, CAMERA] = [Math.tan((20 * Math.PI) / 180), 150];
/** Disc across a cut bond: half its thickness and its radius, Å. */
const [THIN, WIDE] = [0.035, 0.34];

/** @param name what is to be seen, for those who do not see it */
export function stage(name: string): Stage {
  const canvas = element("canvas", { class: "qmml-poster", "aria-hidden": "true" });
  const node = element("div", { class: "qmml-stage", role: "img", tabindex: "0", "aria-label": name }, canvas);
  let shown: { scene: Scene; places: Float64Array } | undefined;
  let look: Look | undefined;
  let lent: Lent | undefined;
  let [visible, touched, asking, gone] = [false, false, false, false];

  const home = (): void => {
    if (!lent || !shown || node.clientWidth === 0) return;
    const half = (scaleOf(shown.scene, node.clientWidth, node.clientHeight) * node.clientWidth) / 2;
    lent.viewer.setSlab(-2 * shown.scene.reach, 2 * shown.scene.reach);
    lent.viewer.setView([0, 0, 0, CAMERA - half / FIELD, 0, 0, 0, 1]);
  };
  const paint = (): void => {
    if (!shown || !node.isConnected || node.clientWidth === 0) return;
    look ??= lookAt(node);
    if (lent) drawWebGL(lent, shown.scene, shown.places, look);
    else drawPoster(canvas, shown.scene, shown.places, look);
  };
  const giveUp = (): void => {
    if (lent) giveBack(lent);
    lent = undefined;
    canvas.hidden = false;
  };
  const ask = async (): Promise<void> => {
    if (lent || asking || gone || !visible || !shown) return;
    asking = true;
    const found = await borrow(
      () => visible,
      () => {
        giveUp();
        paint();
      },
    );
    asking = false;
    if (!found) return;
    if (gone || !node.isConnected) return giveBack(found);
    lent = found;
    node.append(found.node);
    found.viewer.resize();
    touched = false;
    paint();
    home();
    canvas.hidden = true;
  };
  const sight = whenSeen(node, (now) => {
    visible = now;
    if (!now && !node.isConnected) giveUp();
    paint();
    ask();
  });
  const size = whenResized(node, () => {
    // Hidden, as JupyterLab hides everything for a moment when its theme changes.
    if (node.clientWidth === 0) return;
    lent?.viewer.resize();
    paint();
    if (!touched) home();
  });
  const touch = (): void => {
    touched = true;
  };
  node.addEventListener("pointerdown", touch);
  // The wheel turns the page, not the atoms, until the reader has gone to them.
  node.addEventListener(
    "wheel",
    (event) => {
      if (node.contains(document.activeElement) || event.ctrlKey) touch();
      else event.stopPropagation();
    },
    { capture: true, passive: true },
  );
  node.addEventListener("pointerdown", () => node.focus({ preventScroll: true }));
  return {
    node,
    show: (scene, positions) => {
      const other = shown?.scene !== scene;
      shown = { scene, places: scene.place(positions) };
      paint();
      if (other && lent) {
        touched = false;
        home();
      }
      ask();
    },
    reset: () => {
      touched = false;
      home();
    },
    restyle: () => {
      look = undefined;
      paint();
    },
    dispose: () => {
      gone = true;
      sight.dispose();
      size.dispose();
      giveUp();
    },
  };
}

function drawWebGL({ viewer }: Lent, scene: Scene, places: Float64Array, look: Look): void {
  viewer.removeAllModels();
  viewer.removeAllShapes();
  viewer.setBackgroundColor(look.paper, 1);
  viewer.setViewStyle({ style: "outline", color: look.dark ? "#000000" : "#1a1a1a", width: 0.04 });
  const partners = scene.balls.map((): number[] => []);
  for (const [i, j] of scene.bonds) {
    partners[i].push(j);
    partners[j].push(i);
  }
  const atoms = scene.balls.map((ball, i) => {
    const color = ballColour(ball, look);
    return {
      elem: ball.symbol,
      x: places[3 * i],
      y: places[3 * i + 1],
      z: places[3 * i + 2],
      bonds: partners[i],
      bondOrder: partners[i].map(() => 1),
      style: { sphere: { radius: ball.radius, color }, stick: { radius: ball.stick, color } },
    };
  });
  viewer.addModel().addAtoms(atoms);
  const point = ([x, y, z]: readonly number[]): { x: number; y: number; z: number } => ({ x, y, z });
  for (const [i, j] of scene.cuts) {
    const [p, q] = [places.subarray(3 * i, 3 * i + 3), places.subarray(3 * j, 3 * j + 3)];
    const length = Math.hypot(q[0] - p[0], q[1] - p[1], q[2] - p[2]);
    const on = (t: number): { x: number; y: number; z: number } =>
      point([0, 1, 2].map((k) => (p[k] + q[k]) / 2 + (t * (q[k] - p[k])) / length));
    viewer.addCylinder({ start: on(-THIN), end: on(THIN), radius: WIDE, color: look.hues.limit, fromCap: 1, toCap: 1 });
  }
  for (const [k, corner] of scene.floor.entries()) {
    const next = scene.floor[(k + 1) % scene.floor.length];
    viewer.addLine({ start: point(corner), end: point(next), color: look.soft });
  }
  viewer.render();
}
