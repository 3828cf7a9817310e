/** What a view is to the widget that shows it. */
import type { Rows, RowsName } from "./rows.ts";

/** A drawn view. It keeps its elements as long as it lives and changes them in place. */
export interface View {
  readonly node: HTMLElement;
  /** @param changed tables that are not as they were; all of them at first */
  update(rows: Rows, changed: ReadonlySet<RowsName>): void;
  /** The theme is another one. */
  restyle(): void;
  dispose(): void;
}

/** Makes a view, empty. */
export type ViewMaker = () => View;
