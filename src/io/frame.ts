/** One frame of a file: a structure, what was calculated for it, and what else the file says. */
import type { Result } from "../calculators/calculator.ts";
import type { Structure } from "../structure/structure.ts";

/** What an entry of a frame's information can be: whatever JSON can say, and numbers that are not finite. */
export type InfoValue = string | number | boolean | null | readonly InfoValue[] | { readonly [key: string]: InfoValue };

/** Entries by name, e.g. `{ step: 3, name: "start" }`. */
export type Info = Readonly<Record<string, InfoValue>>;

/** An atomic property that qmml has no place for, kept as it was read. */
export interface Column {
  /** Real, integer, string, or logical. */
  readonly type: "R" | "I" | "S" | "L";
  /** Values an atom. */
  readonly width: number;
  /** [N · width]. */
  readonly values: readonly (number | string | boolean)[];
}

/** A structure with its results. */
export interface Frame {
  readonly structure: Structure;
  readonly result?: Partial<Result>;
  readonly info?: Info;
  readonly columns?: Readonly<Record<string, Column>>;
}
