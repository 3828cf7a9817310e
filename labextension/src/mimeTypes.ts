/** The MIME types that the extension draws in JupyterLab; their content is Arrow tables inside JSON. */

/** What there is to see of a study. */
export const VIEWS = ["study", "trajectory", "training", "cost", "path"] as const;

/** One of VIEWS. */
export type View = (typeof VIEWS)[number];

/** MIME type of each view, in the order of VIEWS. */
export const MIME_TYPES: readonly string[] = VIEWS.map((view) => `application/vnd.qmml.${view}.v1+json`);
