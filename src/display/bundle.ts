/** MIME bundles: the tables for those who draw, SVG and plotly for those who only show, text for everybody. */
import { encode } from "../history/arrow.ts";
import { drawnRows } from "../history/drawnRows.ts";
import { arrowTables, type History, type TableName } from "../history/history.ts";

/** The views that the bundles carry. */
export type ViewName = StudyViewName | "path";

/** Those of a study, which are made of its history; a path stands for itself. */
export type StudyViewName = "study" | "trajectory" | "training" | "cost";

/** Where a live view finds its study. */
export interface StudyReference {
  readonly id: string;
  /** Relative to the notebook. */
  readonly path: string;
}

/** Content of `application/vnd.qmml.<view>.v1+json`. */
export interface ViewPayload {
  readonly version: 1;
  readonly view: ViewName;
  /** Base64 Arrow IPC streams by table. */
  readonly tables: Readonly<Record<string, string>>;
  readonly study?: StudyReference & { /** Of the last event in the tables. */ readonly sequence: number };
}

/** MIME type to content. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** Tables of each view of a study. `about` is always among them. */
export const VIEW_TABLES: Readonly<Record<StudyViewName, readonly TableName[]>> = {
  study: ["about", "steps", "atoms", "trajectory", "training", "cost", "summary", "messages", "log"],
  trajectory: ["about", "steps", "atoms", "trajectory", "summary", "messages"],
  training: ["about", "training", "summary"],
  cost: ["about", "steps", "cost"],
};

/** The MIME type of a view. */
export function mimeType(view: ViewName): string {
  return `application/vnd.qmml.${view}.v1+json`;
}

/**
 * A bundle. Pictures are drawn only if asked for (`svg`, `plotly` are called then): a live view is redrawn by its host.
 * @param where the study, if it can be followed
 */
export function bundle(
  view: StudyViewName,
  h: History,
  forms: { readonly text: () => string; readonly svg: () => string; readonly plotly?: () => object },
  where?: StudyReference,
): MimeBundle {
  const tables = Object.entries(arrowTables({ ...h, training: drawnRows(h.training) }, VIEW_TABLES[view])).map(([name, table]) => [
    name,
    encode(table),
  ]);
  const payload: ViewPayload = {
    version: 1,
    view,
    tables: Object.fromEntries(tables),
    ...(where && { study: { ...where, sequence: h.about.sequence } }),
  };
  const over = h.about.state !== "running";
  return {
    [mimeType(view)]: payload,
    "text/plain": forms.text(),
    ...(over && { "image/svg+xml": forms.svg() }),
    ...(over && forms.plotly && { "application/vnd.plotly.v1+json": forms.plotly() }),
  };
}
