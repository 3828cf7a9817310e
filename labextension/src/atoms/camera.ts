/** From where atoms are seen: a rotation, a magnification and a displacement, without perspective. Two stages may share one. */

/** Rows: right, up, towards the viewer. */
export type Rotation = readonly [number, number, number, number, number, number, number, number, number];

/** A camera; its numbers are read at every drawing. */
export interface Camera {
  rotation: Rotation;
  /** 1 shows all. */
  zoom: number;
  /** What the middle is moved by, right and up, Å. */
  shift: readonly [number, number];
  /** Whether the reader has turned it. */
  touched: boolean;
  /** Those who draw what it sees. */
  readonly watchers: Set<() => void>;
}

/** How Å become pixels on a canvas: rotation, pixels an Å, and the pixel of the origin. */
export interface Projection {
  readonly rotation: Rotation;
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** A camera that nobody has turned. */
export function newCamera(): Camera {
  return { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], zoom: 1, shift: [0, 0], touched: false, watchers: new Set() };
}

/** Says that the camera was moved. */
export function moved(camera: Camera): void {
  camera.touched = true;
  for (const watcher of camera.watchers) watcher();
}

/** Back to what shows all. */
export function home(camera: Camera, rotation: Rotation): void {
  Object.assign(camera, { rotation, zoom: 1, shift: [0, 0], touched: false });
  for (const watcher of camera.watchers) watcher();
}

/** A rotation followed by one about the screen's vertical (`right`, radians) and horizontal axis (`down`), as a ball is turned by hand. */
export function turned(rotation: Rotation, right: number, down: number): Rotation {
  const [c, s, d, t] = [Math.cos(right), Math.sin(right), Math.cos(down), Math.sin(down)];
  const x = rotation.slice(0, 3).map((v, k) => c * v + s * rotation[6 + k]);
  const z = rotation.slice(6, 9).map((v, k) => c * v - s * rotation[k]);
  const y = rotation.slice(3, 6).map((v, k) => d * v - t * z[k]);
  return orthonormal(x, y);
}

/** Rows x, y made orthonormal with z = x × y, so that thousands of small turns do not shear. */
function orthonormal(x: readonly number[], y: readonly number[]): Rotation {
  const n = Math.hypot(...x);
  const a = x.map((v) => v / n);
  const along = a[0] * y[0] + a[1] * y[1] + a[2] * y[2];
  const rest = y.map((v, k) => v - along * a[k]);
  const m = Math.hypot(...rest);
  const b = rest.map((v) => v / m);
  return [a[0], a[1], a[2], b[0], b[1], b[2], a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/**
 * The camera's projection on a canvas.
 * @param half half of what is to be seen, right and up, Å
 */
export function projection(camera: Camera, half: readonly [number, number], width: number, height: number): Projection {
  const scale = camera.zoom * Math.min(width / (2 * half[0]), height / (2 * half[1]));
  return {
    rotation: camera.rotation,
    scale,
    left: width / 2 + scale * camera.shift[0],
    top: height / 2 - scale * camera.shift[1],
  };
}

/** A point on the canvas: pixels right and down, and towards the viewer, Å. */
export function projected({ rotation: r, scale, left, top }: Projection, p: ArrayLike<number>, at = 0): [number, number, number] {
  const [x, y, z] = [p[at], p[at + 1], p[at + 2]];
  return [left + scale * (r[0] * x + r[1] * y + r[2] * z), top - scale * (r[3] * x + r[4] * y + r[5] * z), r[6] * x + r[7] * y + r[8] * z];
}

/** The quaternion (x, y, z, w) of a rotation that takes model to screen coordinates. */
export function quaternion(r: Rotation): [number, number, number, number] {
  // Of the four squares the largest is taken, so that no small number is divided by.
  const squares = [1 + r[0] - r[4] - r[8], 1 - r[0] + r[4] - r[8], 1 - r[0] - r[4] + r[8], 1 + r[0] + r[4] + r[8]];
  const k = squares.indexOf(Math.max(...squares));
  const f = 0.5 / Math.sqrt(squares[k]);
  const largest = squares[k] * f;
  const [yz, zx, xy] = [r[5] + r[7], r[6] + r[2], r[1] + r[3]].map((v) => f * v);
  const [wx, wy, wz] = [r[7] - r[5], r[2] - r[6], r[3] - r[1]].map((v) => f * v);
  const all: [number, number, number, number][] = [
    [largest, xy, zx, wx],
    [xy, largest, yz, wy],
    [zx, yz, largest, wz],
    [wx, wy, wz, largest],
  ];
  return all[k];
}
