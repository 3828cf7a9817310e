/** A view on the page: the rows known, what draws them, and the pace at which it does. Loaded with the first view. */
import "../style/index.css";
import type { StudyViewName, ViewName, ViewPayload } from "../../src/display/bundle.ts";
import { whenSeen } from "./dom.ts";
import type { Connection, Held, TablePart } from "./feed.ts";
import { readPath } from "./pathRows.ts";
import { ALL, type Known, type RowsName, readRows, withParts } from "./rows.ts";
import type { ViewContext } from "./view.ts";
import { OWN_VIEWS, STUDY_VIEWS } from "./views/index.ts";

/** What is to be drawn: the content of a bundle, checked, or rows that are known. */
export type Source = { readonly payload: ViewPayload } | { readonly known: Known };

/** What the widget holds. */
export interface Shown {
  readonly node: HTMLElement;
  /** Another snapshot of the same study, drawn in place unless it is older than what is known. */
  replace(source: Source): void;
  held(): Held;
  take(sequence: number, state: string, parts: readonly TablePart[]): boolean;
  connected(connection: Connection, problem?: string): void;
  restyle(): void;
  dispose(): void;
}

/**
 * Shows a view.
 * @param failed what could be read cannot be drawn
 * @throws Error if the tables cannot be read or drawn
 */
export function show(name: ViewName, source: Source, context: ViewContext, failed: (error: unknown) => void): Shown {
  return name === "path" ? showPath(source, context) : showStudy(name, source, context, failed);
}

function showPath(source: Source, context: ViewContext): Shown {
  const view = OWN_VIEWS.path(context);
  const update = (next: Source): void => {
    if ("payload" in next) view.update(readPath(next.payload));
  };
  update(source);
  return {
    node: view.node,
    replace: update,
    held: () => ({ sequence: 0, tables: {} }),
    take: () => true,
    connected: () => {},
    restyle: view.restyle,
    dispose: view.dispose,
  };
}

function showStudy(name: StudyViewName, source: Source, context: ViewContext, failed: (error: unknown) => void): Shown {
  const read = (next: Source): Known => ("known" in next ? next.known : readRows(next.payload));
  let known = read(source);
  const view = STUDY_VIEWS[name](context);
  const { node } = view;
  let stale = new Set<RowsName>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let drawn = 0;
  let seen = true;

  const draw = (): void => {
    timer = undefined;
    drawn = performance.now();
    node.dataset.state = known.rows.state;
    node.dataset.sequence = String(known.held.sequence);
    // What nobody sees is drawn once somebody does.
    if (!seen) return;
    const changed = stale;
    stale = new Set();
    view.update(known.rows, changed);
  };
  const drawLater = (): void => {
    try {
      draw();
    } catch (error) {
      failed(error);
    }
  };
  const soon = (changed: Iterable<RowsName>): void => {
    for (const table of changed) stale.add(table);
    timer ??= setTimeout(drawLater, Math.max(0, drawn + 1000 / context.settings.updatesPerSecond - performance.now()));
  };
  stale = new Set(ALL);
  draw();
  const sight = whenSeen(node, (visible) => {
    seen = visible;
    if (visible && stale.size > 0) soon([]);
  });
  return {
    node,
    replace: (next) => {
      const newer = read(next);
      if (newer.held.sequence < known.held.sequence) return;
      known = newer;
      soon(ALL);
    },
    held: () => known.held,
    take: (sequence, state, parts) => {
      const next = withParts(known, { sequence, state }, parts);
      if (!next) return false;
      known = next.known;
      soon(next.changed);
      return true;
    },
    connected: (connection, problem) => {
      node.dataset.connection = connection;
      node.title = problem ?? "";
      view.connected?.();
    },
    restyle: view.restyle,
    dispose: () => {
      clearTimeout(timer);
      sight.dispose();
      view.dispose();
    },
  };
}
