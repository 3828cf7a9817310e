/** A path as a notebook shows it. */
import type { MimeBundle } from "../display/bundle.ts";
import { pathBundle as bundle } from "../display/path.ts";
import type { PathInput } from "../history/path.ts";
import { type Drawing, drawing } from "./jupyter.ts";

/**
 * The energy along a path with both barriers, and the atoms of every image; as the last value of a cell it shows itself:
 *   pathBundle({ name: "hop", engine: "emt", method: "interpolation", images: readFrames("hop.xyz") })
 * Images are `{ structure, result }` as calculators answer and as files of frames hold them. The coordinate of an image is the length of the
 * way to it in Å; barriers are those of the highest image over both ends.
 * @throws RangeError if there are fewer than two images, one has no finite energy, or their atoms or cells differ.
 */
export function pathBundle(input: PathInput): MimeBundle & Drawing {
  const made = bundle(input);
  return drawing({ ...made }, () => made);
}
