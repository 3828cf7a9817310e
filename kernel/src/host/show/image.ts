/** Bytes that are an image, told by how they begin. */
import type { Bundle } from "../../threads.ts";
import { counted } from "./digits.ts";

/** Bytes; a message of more would not arrive everywhere. */
const LARGEST = 20_000_000;

interface Format {
  readonly name: string;
  readonly mime: string;
  readonly begins: readonly number[];
  /** Width and height, where they stand at a fixed place. */
  size?(view: DataView): readonly [number, number];
}

const FORMATS: readonly Format[] = [
  {
    name: "PNG",
    mime: "image/png",
    begins: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    size: (view) => [view.getUint32(16), view.getUint32(20)],
  },
  { name: "JPEG", mime: "image/jpeg", begins: [0xff, 0xd8, 0xff] },
  {
    name: "GIF",
    mime: "image/gif",
    begins: [0x47, 0x49, 0x46, 0x38],
    size: (view) => [view.getUint16(6, true), view.getUint16(8, true)],
  },
];

/** Shorter, nothing is an image. */
const SHORTEST = 24;

/** Bundle of an image; undefined of other bytes. */
export function imageBundle(bytes: Uint8Array): Bundle | undefined {
  if (bytes.length < SHORTEST || bytes.length > LARGEST) return undefined;
  const format = FORMATS.find(({ begins }) => begins.every((byte, k) => bytes[k] === byte));
  if (format === undefined) return undefined;
  const size = format.size?.(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)).join(" × ");
  const text = `${format.name} image${size === undefined ? "" : ` of ${size} pixels`}, ${counted(bytes.length)} bytes`;
  return { [format.mime]: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"), "text/plain": text };
}
