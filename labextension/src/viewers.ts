/**
 * The page's few 3Dmol viewers. A browser has room for sixteen WebGL contexts and 3Dmol never lets go of one, nor of its listeners, so that
 * viewers are made once, lent to the scenes on the screen and taken back from those that have left it.
 */
import type { createViewer } from "3dmol";
import { element } from "./dom.ts";

/** 3Dmol's viewer. */
export type Viewer = ReturnType<typeof createViewer>;

/** A viewer that is lent, with the element that it draws into. */
export interface Lent {
  readonly node: HTMLElement;
  readonly viewer: Viewer;
}

interface Place {
  readonly lent: Lent;
  /** Who has it; it is told when it must give it back. */
  owner: { readonly taken: () => void; readonly visible: () => boolean } | null;
}

const MOST = 6;

/** What drivers that draw by the processor call themselves. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

let graphicsCard: boolean | undefined;

/** Whether WebGL is drawn by a graphics card; where the processor has to, it is slow. */
export function hasGraphicsCard(): boolean {
  if (graphicsCard === undefined) {
    const context = element("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
    const named = context?.getExtension("WEBGL_debug_renderer_info");
    const name = context
      ? `${context.getParameter(context.RENDERER)} ${named ? context.getParameter(named.UNMASKED_RENDERER_WEBGL) : ""}`
      : "";
    graphicsCard = context !== null && !SOFTWARE.test(name);
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return graphicsCard;
}

const places: Place[] = [];

/**
 * A viewer, cleared; undefined if all are on the screen or there is no WebGL.
 * @param visible whether the borrower is on the screen: what is not may be taken
 * @param taken the viewer is gone to somebody else
 */
export async function borrow(visible: () => boolean, taken: () => void): Promise<Lent | undefined> {
  const { createViewer } = await import("3dmol");
  let free = places.find((p) => p.owner === null);
  if (!free && places.length < MOST) {
    const made = make(createViewer);
    if (!made) return undefined;
    places.push(made);
    free = made;
  }
  free ??= places.find((p) => !p.owner?.visible());
  if (!free) return undefined;
  free.owner?.taken();
  free.owner = { visible, taken };
  return free.lent;
}

/** Gives a viewer back. */
export function giveBack({ node, viewer }: Lent): void {
  const place = places.find((p) => p.lent.node === node);
  if (place) place.owner = null;
  viewer.clear();
  node.remove();
}

function make(create: typeof createViewer): Place | undefined {
  if (!element("canvas").getContext("webgl2")) return undefined;
  const node = element("div", { class: "qmml-webgl" });
  // It wants a size before it is anywhere.
  Object.assign(node.style, { width: "64px", height: "64px", position: "absolute" });
  document.body.append(node);
  const viewer = create(node, { orthographic: true, antialias: true, upscale: false, backgroundAlpha: 0, disableFog: true });
  node.remove();
  node.removeAttribute("style");
  return viewer ? { lent: { node, viewer }, owner: null } : undefined;
}
