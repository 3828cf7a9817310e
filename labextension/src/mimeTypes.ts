/** What the extension draws: the views, their MIME types, and what a bundle must look like before anything in it is read. */
import type { ViewName, ViewPayload } from "../../src/display/bundle.ts";

/** The views that there are; each is a file of views/. */
export const VIEWS: readonly ViewName[] = ["study", "trajectory", "training", "cost", "path"];

/** The MIME type of a view. */
export function mimeTypeOf(view: ViewName): string {
  return `application/vnd.qmml.${view}.v1+json`;
}

/** Most characters of all tables together, in base64. */
const LARGEST = 64e6;

/**
 * The content of a bundle, checked: it may come from a notebook that nobody trusts.
 * @throws RangeError in one sentence that can stand in place of the view
 */
export function checkPayload(view: ViewName, data: unknown): ViewPayload {
  const refuse = (why: string): never => {
    throw new RangeError(`This ${view} view cannot be drawn: ${why}.`);
  };
  if (!isRecord(data)) return refuse("its content is no object");
  if (data.version !== 1) return refuse(`it has version ${said(data.version)}, this extension reads version 1`);
  if (data.view !== view) return refuse(`its content is of a view ${said(data.view)}`);
  if (!isRecord(data.tables)) return refuse("it has no tables");
  let characters = 0;
  for (const [name, table] of Object.entries(data.tables)) {
    if (typeof table !== "string") return refuse(`table ${said(name)} is no text`);
    characters += table.length;
    if (characters > LARGEST) return refuse(`its tables have more than ${LARGEST} characters; the last that was counted is ${said(name)}`);
  }
  const { study } = data;
  const found = isRecord(study) && typeof study.path === "string" && Number.isInteger(study.sequence);
  if (study !== undefined && !found) return refuse("it does not say which study it shows");
  return data as unknown as ViewPayload;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value from outside, short. */
function said(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").slice(0, 40);
}
