/** A view on the page: the rows known, what draws them, and the pace at which it does. Loaded with the first view. */
import type { StudyViewName, ViewName, ViewPayload } from "../../src/display/bundle.ts";
import type { Connection, Held, TablePart } from "./feed.ts";
import { readPath } from "./pathRows.ts";
import { ALL, type Known, type RowsName, readRows, withParts } from "./rows.ts";
import type { ViewContext } from "./view.ts";
import { OWN_VIEWS, STUDY_VIEWS } from "./views/index.ts";

/** What the widget holds. */
export interface Shown {
  readonly node: HTMLElement;
  /** Another snapshot of the same study, drawn in place unless it is older than what is known. */
  replace(payload: ViewPayload): void;
  held(): Held;
  take(sequence: number, state: string, parts: readonly TablePart[]): boolean;
  connected(connection: Connection, problem?: string): void;
  restyle(): void;
  dispose(): void;
}

/**
 * Shows a bundle.
 * @throws Error if its tables cannot be read or drawn
 */
export function show(name: ViewName, payload: ViewPayload, context: ViewContext): Shown {
  return name === "path" ? showPath(payload, context) : showStudy(name, payload, context);
}

function showPath(payload: ViewPayload, context: ViewContext): Shown {
  const view = OWN_VIEWS.path(context);
  view.update(readPath(payload));
  return {
    node: view.node,
    replace: (next) => view.update(readPath(next)),
    held: () => ({ sequence: 0, tables: {} }),
    take: () => true,
    connected: () => {},
    restyle: view.restyle,
    dispose: view.dispose,
  };
}

function showStudy(name: StudyViewName, payload: ViewPayload, context: ViewContext): Shown {
  let known: Known = readRows(payload);
  const view = STUDY_VIEWS[name](context);
  const { node } = view;
  let stale = new Set<RowsName>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let drawn = 0;

  const draw = (): void => {
    timer = undefined;
    drawn = performance.now();
    const changed = stale;
    stale = new Set();
    node.dataset.state = known.rows.state;
    node.dataset.sequence = String(known.held.sequence);
    view.update(known.rows, changed);
  };
  const soon = (changed: Iterable<RowsName>): void => {
    for (const table of changed) stale.add(table);
    timer ??= setTimeout(draw, Math.max(0, drawn + 1000 / context.settings.updatesPerSecond - performance.now()));
  };
  stale = new Set(ALL);
  draw();
  return {
    node,
    replace: (next) => {
      const read = readRows(next);
      if (read.held.sequence < known.held.sequence) return;
      known = read;
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
    },
    restyle: view.restyle,
    dispose: () => {
      clearTimeout(timer);
      view.dispose();
    },
  };
}
