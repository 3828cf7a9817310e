/**
 * Where atoms are seen, turned and picked. They are painted at once, by the processor; on a machine with a graphics card 3Dmol takes over
 * once a viewer is free and the stage is on the screen. Which of the two draws is in `data-renderer`, how often in `data-drawn`.
 */
import { type Camera, home, moved, newCamera, type Projection, projected, projection, turned } from "./atoms/camera.ts";
import { pictureOf } from "./atoms/drawing.ts";
import { drawMarks, type Marks, NO_MARKS } from "./atoms/marks.ts";
import { canvasOf, paintInto } from "./atoms/paper.ts";
import type { Layers } from "./atoms/picture.ts";
import { aim, drawWebGL } from "./atoms/webgl.ts";
import { element, whenResized, whenSeen } from "./dom.ts";
import { type Look, lookAt } from "./look.ts";
import type { Scene } from "./scene.ts";
import { borrow, giveBack, hasGraphicsCard, type Lent } from "./viewers.ts";

/** Who draws: 3Dmol where there is a graphics card and few atoms, or always, or never. */
export type Renderer = "auto" | "webgl" | "painter";

/** What a frame looks like in the page's colours. */
export type Frame = (look: Look) => Layers;

/** A stage. */
export interface Stage {
  readonly node: HTMLElement;
  /** Another scene or another frame of it, drawn at the next animation frame; positions alone are drawn plainly. */
  show(scene: Scene, frame: Frame | Float64Array): void;
  /** What stands over the atoms. */
  mark(marks: Marks): void;
  /** Another renderer. */
  render(by: Renderer): void;
  /** Back to the view of the beginning. */
  reset(): void;
  /** Turns, shifts or magnifies by a key. @returns whether it is one of those */
  key(event: KeyboardEvent): boolean;
  /** The stage as it is, `factor` times as large, on a canvas of its own; undefined before anything was shown. */
  picture(look: Look, factor: number): HTMLCanvasElement | undefined;
  restyle(): void;
  dispose(): void;
}

/** More balls than these are painted: 3Dmol makes all of them anew for each frame. */
const MANY = 3000;
/** ms that a painting with smooth edges may take; what takes longer, as on a busy machine, gets them when it has come to rest. */
const SMOOTH = 14;
/** ms after the last movement until then. */
const REST = 160;
/** Pixels that a pointer may stray in a click; radians a pixel; magnification a wheel's pixel; radians a key. */
const [STRAY, TURN, WHEEL, STEP] = [4, 0.008, 0.0015, 0.12];
const [LEAST, MOST] = [0.2, 40];

/**
 * @param name what is to be seen, for those who do not see it
 * @param camera shared with other stages that turn with this one
 * @param picked an atom was clicked: its index in the scene; -1: none is there
 */
export function stage(name: string, camera: Camera = newCamera(), picked?: (atom: number) => void): Stage {
  const canvas = element("canvas", { class: "qmml-poster", "aria-hidden": "true" });
  const over = element("canvas", { class: "qmml-over", "aria-hidden": "true" });
  const node = element("div", { class: "qmml-stage", role: "img", tabindex: "0", "aria-label": name }, canvas, over);
  let shown: { scene: Scene; frame: Frame } | undefined;
  let marks: Marks = NO_MARKS;
  let look: Look | undefined;
  let layers: Layers | undefined;
  let lent: Lent | undefined;
  let wanted: Renderer = "auto";
  let [visible, asking, gone, drawn, took] = [false, false, false, 0, 0];
  let [frame, rest] = [0, 0 as unknown as ReturnType<typeof setTimeout>];

  const view = (width: number, height: number): Projection | undefined => shown && projection(camera, shown.scene.half, width, height);
  const draw = (fresh: boolean): void => {
    if (fresh) layers = undefined;
    // One drawing for all that happened since the last.
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      now(false);
    });
  };
  const now = (smooth: boolean): void => {
    const [width, height] = [node.clientWidth, node.clientHeight];
    const p = view(width, height);
    if (!shown || !p || !visible || !node.isConnected || width === 0) return;
    look ??= lookAt(node);
    const old = layers;
    layers ??= shown.frame(look);
    if (lent) {
      if (old !== layers) drawWebGL(lent, layers, look);
      aim(lent, camera, p, width, shown.scene.reach);
    } else {
      const ratio = window.devicePixelRatio || 1;
      const samples = smooth || took < SMOOTH ? 2 : 1;
      const start = performance.now();
      paintInto(canvas, layers, view(width * ratio, height * ratio) ?? p, look, width * ratio, height * ratio, samples);
      clearTimeout(rest);
      if (samples === 2) took = performance.now() - start;
      else rest = setTimeout(() => now(true), REST);
    }
    drawOver(p, width, height, look);
    drawn++;
    node.dataset.drawn = String(drawn);
    node.dataset.renderer = lent ? "webgl" : "painter";
  };
  const drawOver = (p: Projection, width: number, height: number, colours: Look): void => {
    const ratio = window.devicePixelRatio || 1;
    const none = marks.rings.length === 0;
    over.hidden = none;
    if (none) return;
    [over.width, over.height] = [width * ratio, height * ratio];
    const pen = over.getContext("2d");
    if (!pen) return;
    pen.scale(ratio, ratio);
    drawMarks(pen, marks, p, colours, 1);
  };
  const giveUp = (): void => {
    if (lent) giveBack(lent);
    lent = undefined;
    canvas.hidden = false;
    node.dataset.renderer = "painter";
  };
  const fits = (): boolean => {
    if (wanted !== "auto") return wanted === "webgl";
    return shown !== undefined && shown.scene.balls.length * shown.scene.images.length <= MANY && hasGraphicsCard();
  };
  const ask = async (): Promise<void> => {
    if (lent || asking || gone || !visible || !shown || !fits()) return;
    asking = true;
    const found = await borrow(
      () => visible,
      () => {
        giveUp();
        draw(true);
      },
    );
    asking = false;
    if (!found) return;
    if (gone || !node.isConnected || !fits()) return giveBack(found);
    lent = found;
    canvas.after(found.node);
    found.viewer.resize();
    layers = undefined;
    now(false);
    canvas.hidden = true;
  };
  const sight = whenSeen(node, (seen) => {
    visible = seen;
    if (!seen && !node.isConnected) giveUp();
    // At once, before the page has anything else to do.
    if (seen) now(false);
    ask();
  });
  const size = whenResized(node, () => {
    // Hidden, as JupyterLab hides everything for a moment when its theme changes.
    if (node.clientWidth === 0) return;
    lent?.viewer.resize();
    now(false);
  });
  const watch = (): void => draw(false);
  camera.watchers.add(watch);

  const turn = (right: number, down: number): void => {
    camera.rotation = turned(camera.rotation, right, down);
    moved(camera);
  };
  const shift = (right: number, up: number): void => {
    camera.shift = [camera.shift[0] + right, camera.shift[1] + up];
    moved(camera);
  };
  const zoom = (factor: number): void => {
    camera.zoom = Math.min(MOST, Math.max(LEAST, camera.zoom * factor));
    moved(camera);
  };
  let held: { x: number; y: number; strayed: boolean } | undefined;
  node.addEventListener("pointerdown", (event) => {
    node.focus({ preventScroll: true });
    node.setPointerCapture(event.pointerId);
    held = { x: event.clientX, y: event.clientY, strayed: false };
  });
  node.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.strayed && Math.hypot(dx, dy) < STRAY) return;
    held = { x: event.clientX, y: event.clientY, strayed: true };
    const p = view(node.clientWidth, node.clientHeight);
    if (p && (event.shiftKey || event.buttons > 1)) shift(dx / p.scale, -dy / p.scale);
    else turn(TURN * dx, TURN * dy);
  });
  node.addEventListener("pointerup", (event) => {
    if (held && !held.strayed && event.button === 0) picked?.(at(event));
    held = undefined;
  });
  node.addEventListener("pointercancel", () => {
    held = undefined;
  });
  node.addEventListener("contextmenu", (event) => {
    if (event.shiftKey) event.preventDefault();
  });
  // The wheel turns the page, not the atoms, until the reader has gone to them.
  node.addEventListener(
    "wheel",
    (event) => {
      if (!node.contains(document.activeElement) && !event.ctrlKey) return;
      event.preventDefault();
      zoom(Math.exp(-WHEEL * event.deltaY * (event.deltaMode === 1 ? 20 : 1)));
    },
    { passive: false },
  );
  /** The foremost atom at a pointer; -1: none. */
  const at = (event: PointerEvent): number => {
    const p = view(node.clientWidth, node.clientHeight);
    if (!shown || !layers || !p) return -1;
    const box = node.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - node.clientLeft, event.clientY - box.top - node.clientTop];
    const { at: places, radius } = layers.solid.balls;
    const n = shown.scene.balls.length;
    let [found, front] = [-1, -Infinity];
    for (let i = 0; i < n * shown.scene.images.length; i++) {
      const [px, py, depth] = projected(p, places, 3 * i);
      const h = radius[i] ** 2 - ((px - x) ** 2 + (py - y) ** 2) / p.scale ** 2;
      if (h < 0 || depth + Math.sqrt(h) <= front) continue;
      [found, front] = [i % n, depth + Math.sqrt(h)];
    }
    return found;
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => turn(-STEP, 0),
    ArrowRight: () => turn(STEP, 0),
    ArrowUp: () => turn(0, -STEP),
    ArrowDown: () => turn(0, STEP),
  };
  const sizes: Readonly<Record<string, () => void>> = { "+": () => zoom(1.15), "=": () => zoom(1.15), "-": () => zoom(1 / 1.15) };
  return {
    node,
    show: (scene, next) => {
      const other = shown?.scene !== scene;
      const places = typeof next === "function" ? undefined : scene.place(next);
      const drawnSo: Frame =
        typeof next === "function" ? next : (colours) => ({ solid: pictureOf(scene, places as Float64Array, colours) });
      shown = { scene, frame: drawnSo };
      if (other && !camera.touched) home(camera, scene.rotation);
      if (lent && !fits()) giveUp();
      draw(true);
      ask();
    },
    mark: (next) => {
      marks = next;
      draw(false);
    },
    render: (by) => {
      if (by === wanted) return;
      wanted = by;
      if (!fits()) giveUp();
      draw(true);
      ask();
    },
    reset: () => {
      if (shown) home(camera, shown.scene.rotation);
    },
    key: (event) => {
      const act = event.shiftKey ? keys[event.key] : sizes[event.key];
      const plus = event.key === "+" ? sizes["+"] : undefined;
      const found = act ?? plus;
      if (!found || event.ctrlKey || event.altKey || event.metaKey) return false;
      event.preventDefault();
      found();
      return true;
    },
    picture: (colours, factor) => {
      const [width, height] = [factor * node.clientWidth, factor * node.clientHeight];
      const p = view(width, height);
      if (!shown || !p) return undefined;
      const out = canvasOf(shown.frame(colours), p, colours, width, height);
      const pen = out.getContext("2d");
      if (pen) drawMarks(pen, marks, p, colours, factor);
      return out;
    },
    restyle: () => {
      look = undefined;
      draw(true);
    },
    dispose: () => {
      gone = true;
      cancelAnimationFrame(frame);
      clearTimeout(rest);
      camera.watchers.delete(watch);
      sight.dispose();
      size.dispose();
      giveUp();
    },
  };
}
