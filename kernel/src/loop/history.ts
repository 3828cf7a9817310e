/** The inputs of this session, and the questions that history_request asks about them. */

/** Content of a history_request. */
export interface HistoryRequest {
  readonly hist_access_type: "range" | "tail" | "search";
  readonly output?: boolean;
  /** range: 0 is this session, -1 the one before. */
  readonly session?: number;
  readonly start?: number;
  /** Exclusive. */
  readonly stop?: number;
  /** tail, search: at most the last n. */
  readonly n?: number;
  /** search: `*` any text, `?` any character. */
  readonly pattern?: string;
  /** search: each input once. */
  readonly unique?: boolean;
}

/** (session, line, input), with output (session, line, [input, output]). */
export type Entry = readonly [number, number, string | readonly [string, string | null]];

/** One session. */
export interface History {
  /** @param output text of the last value, null without one */
  add(line: number, input: string, output: string | null): void;
  find(request: HistoryRequest): Entry[];
}

const SESSION = 1;

/** An empty history. */
export function openHistory(): History {
  const all: { readonly line: number; readonly input: string; readonly output: string | null }[] = [];
  const select = ({
    hist_access_type: kind,
    session = 0,
    start = 0,
    stop = Infinity,
    n = Infinity,
    pattern = "*",
    unique,
  }: HistoryRequest): typeof all => {
    if (kind === "tail") return last(all, n);
    if (kind === "range") return session === 0 || session === SESSION ? all.filter(({ line }) => line >= start && line < stop) : [];
    const wanted = glob(pattern);
    const found = all.filter(({ input }) => wanted.test(input));
    return last(unique ? [...new Map(found.map((entry) => [entry.input, entry])).values()] : found, n);
  };
  return {
    add: (line, input, output) => void all.push({ line, input, output }),
    find: (request) => select(request).map(({ line, input, output }) => [SESSION, line, request.output ? [input, output] : input]),
  };
}

function last<T>(values: readonly T[], n: number | null): T[] {
  return n === null || n >= values.length ? [...values] : values.slice(values.length - n);
}

function glob(pattern: string): RegExp {
  const parts = [...pattern].map((c) => (c === "*" ? "[^]*" : c === "?" ? "[^]" : c.replace(/[\\^$.|+()[\]{}]/, "\\$&")));
  return new RegExp(`^${parts.join("")}$`, "u");
}
