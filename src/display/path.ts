/** View `path` as a MIME bundle: the energy along a path of images with both barriers, and the atoms of every image. */
import { encode, tableOf } from "../history/arrow.ts";
import { ATOM_COLUMNS } from "../history/atoms.ts";
import { IMAGE_COLUMNS, PATH_COLUMNS, type PathInput, pathRows } from "../history/path.ts";
import { type MimeBundle, mimeType, type ViewPayload } from "./bundle.ts";
import { pathChart } from "./pathChart.ts";
import { plotlyFigure } from "./plotly.ts";
import { chartBlock } from "./svg.ts";
import { svgDocument } from "./svgDocument.ts";
import { chartText } from "./text.ts";

/**
 * The view as a MIME bundle.
 * @throws RangeError if there are fewer than two images, one has no finite energy, or their atoms or cells differ.
 */
export function pathBundle(input: PathInput): MimeBundle {
  const rows = pathRows(input);
  const chart = pathChart(rows);
  const payload: ViewPayload = {
    version: 1,
    view: "path",
    tables: {
      path: encode(tableOf(PATH_COLUMNS, [rows.path])),
      images: encode(tableOf(IMAGE_COLUMNS, rows.images)),
      atoms: encode(tableOf(ATOM_COLUMNS, rows.atoms)),
    },
  };
  return {
    [mimeType("path")]: payload,
    "text/plain": chartText(chart),
    "image/svg+xml": svgDocument(chart.title, chart.description, [chartBlock(chart)]),
    "application/vnd.plotly.v1+json": plotlyFigure(chart),
  };
}
