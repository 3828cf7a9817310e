/** A scene drawn flat on a canvas: what stands there before WebGL does, and where there is no WebGL. Nearer atoms over farther ones. */
import type { Look } from "./look.ts";
import { ballColour, type Scene } from "./scene.ts";

/** Å a pixel shows. */
export function scaleOf({ half }: Pick<Scene, "half">, width: number, height: number): number {
  return Math.max((2 * half[0]) / Math.max(1, width), (2 * half[1]) / Math.max(1, height));
}

/** Draws the balls at their places, [3N] Å, over the whole canvas. */
export function drawPoster(canvas: HTMLCanvasElement, scene: Scene, places: Float64Array, look: Look): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const pixels = ratio / scaleOf(scene, width, height);
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.scale(pixels, -pixels);
  pen.lineCap = "round";
  const line = 1.2 / pixels;
  if (scene.floor.length > 0) {
    pen.strokeStyle = look.soft;
    pen.lineWidth = line;
    pen.beginPath();
    for (const [x, y] of scene.floor) pen.lineTo(x, y);
    pen.closePath();
    pen.stroke();
  }
  const at = (i: number): [number, number] => [places[3 * i], places[3 * i + 1]];
  const balls = scene.balls.map((ball, i) => ({
    depth: places[3 * i + 2],
    draw: () => {
      pen.beginPath();
      pen.arc(...at(i), ball.radius, 0, 2 * Math.PI);
      pen.fillStyle = ballColour(ball, look);
      pen.strokeStyle = look.ink;
      pen.lineWidth = line;
      pen.fill();
      pen.stroke();
    },
  }));
  const sticks = scene.bonds.map(([i, j]) => ({
    depth: Math.min(places[3 * i + 2], places[3 * j + 2]) + 1e-6,
    draw: () => {
      pen.beginPath();
      pen.moveTo(...at(i));
      pen.lineTo(...at(j));
      pen.strokeStyle = look.soft;
      pen.lineWidth = 2 * Math.min(scene.balls[i].stick, scene.balls[j].stick);
      pen.stroke();
    },
  }));
  for (const { draw } of [...balls, ...sticks].sort((a, b) => a.depth - b.depth)) draw();
}
