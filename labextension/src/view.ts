/** What a view is to the widget that shows it. */
import type { StudyRequest } from "./feed.ts";
import type { Rows, RowsName } from "./rows.ts";
import type { Settings } from "./settings.ts";

/** A drawn view. It keeps its elements as long as it lives and changes them in place. */
export interface View {
  readonly node: HTMLElement;
  /** @param changed tables that are not as they were; all of them at first */
  update(rows: Rows, changed: ReadonlySet<RowsName>): void;
  /** Whether the kernel can be asked is to be looked at again. */
  connected?(): void;
  /** The theme or the settings are others. */
  restyle(): void;
  dispose(): void;
}

/** What a view knows of the page that it stands in. */
export interface ViewContext {
  /** Always the latest: they are read where they are needed, and `restyle` is called when they have changed. */
  readonly settings: Settings;
  /** Why the study's kernel cannot be asked for anything, in one sentence; undefined: it can. */
  hindrance(): string | undefined;
  /** Asks the kernel to do something with the study. @returns once it is done. @throws Error with one sentence if it cannot be done */
  ask(request: StudyRequest): Promise<void>;
}

/** Makes a view, empty. */
export type ViewMaker = (context: ViewContext) => View;
