/** Regions: which atoms a core is made of, written so that it fits into a study file. */
import { minimumImage } from "../linalg/cell.ts";
import { covalentGraph, withinBonds } from "./covalent.ts";
import { numberOf } from "./elements.ts";
import { type Structure, size } from "./structure.ts";

/** Atoms within a distance of others, and these themselves; periodic images count. */
export interface Within {
  /** Å; an atom exactly at this distance belongs to it. */
  readonly within: number;
  /** Chemical symbol or indices of the others. */
  readonly of: string | readonly number[];
}

/** Heavy atoms (no metals) a few covalent bonds from others along such atoms, these themselves, and the hydrogens of them all. */
export interface Bonded {
  /** The most bonds, a whole number; 0 gives the others with their hydrogens. */
  readonly bonds: number;
  /** Chemical symbol or indices of the others; a hydrogen stands for its heavy atom. */
  readonly of: string | readonly number[];
}

/** A selection of atoms: near others, by bonds from others, by index, by element, or by layer (tag 1 is a slab's top layer, 0 its adsorbates). */
export type Region = Within | Bonded | { readonly atoms: readonly number[] } | { readonly element: string } | { readonly layer: number };

/** Atoms within `distance` (Å) of all atoms of an element or of the atoms with these indices, and those themselves. */
export function within(distance: number, of: string | readonly number[]): Within {
  return { within: distance, of };
}

/** Heavy atoms at most `most` covalent bonds from all atoms of an element or from the atoms with these indices, with their hydrogens. */
export function bonded(most: number, of: string | readonly number[]): Bonded {
  return { bonds: most, of };
}

/** The atoms with these indices. */
export function atoms(indices: readonly number[]): { readonly atoms: readonly number[] } {
  return { atoms: indices };
}

/**
 * Indices of a region's atoms, sorted, each once.
 * @throws RangeError if the region has none of the known forms, names an atom, element or layer that the structure lacks, or is empty.
 */
export function select(s: Structure, region: Region): Uint32Array {
  const n = size(s);
  const all = Array.from({ length: n }, (_, i) => i);
  const chosen = ((): readonly number[] => {
    if ("within" in region) return near(s, region);
    if ("bonds" in region) return alongBonds(s, region);
    if ("atoms" in region) return checked(region.atoms, n);
    if ("element" in region) return byElement(s, region.element);
    if ("layer" in region) {
      const { tags } = s;
      if (!tags) throw new RangeError("the structure has no tags, so no layers; select atoms by index, element or distance");
      return all.filter((i) => tags[i] === region.layer);
    }
    throw new RangeError(`a region is {within, of}, {bonds, of}, {atoms}, {element} or {layer}, not ${JSON.stringify(region)}`);
  })();
  if (chosen.length === 0) throw new RangeError(`the region ${JSON.stringify(region)} has no atoms in this structure`);
  return Uint32Array.from(new Set(chosen)).sort();
}

function near(s: Structure, { within: distance, of }: Within): number[] {
  if (!(distance >= 0 && distance < Infinity)) throw new RangeError(`the distance of the region is ${distance}; give 0 or more Å`);
  const centres = named(s, of);
  const shorten = minimumImage(s.cell, s.pbc);
  const chosen: number[] = [];
  for (let i = 0; i < size(s); i++) {
    const isNear = centres.some((j) => i === j || shorten(difference(s.positions, j, i)) <= distance);
    if (isNear) chosen.push(i);
  }
  return chosen;
}

function alongBonds(s: Structure, { bonds, of }: Bonded): number[] {
  if (!(Number.isInteger(bonds) && bonds >= 0)) throw new RangeError(`the region reaches ${bonds} bonds far; give 0, 1, 2, ...`);
  return [...withinBonds(s, covalentGraph(s), named(s, of), bonds)];
}

function named(s: Structure, of: string | readonly number[]): readonly number[] {
  return typeof of === "string" ? byElement(s, of) : checked(of, size(s));
}

function difference(positions: Float64Array, from: number, to: number): Float64Array {
  return Float64Array.from({ length: 3 }, (_, k) => positions[3 * to + k] - positions[3 * from + k]);
}

function byElement(s: Structure, symbol: string): number[] {
  const z = numberOf(symbol);
  const indices: number[] = [];
  s.numbers.forEach((number, i) => {
    if (number === z) indices.push(i);
  });
  if (indices.length === 0) throw new RangeError(`the structure has no ${symbol} atom to select`);
  return indices;
}

function checked(indices: readonly number[], n: number): readonly number[] {
  const bad = indices.find((i) => !Number.isInteger(i) || i < 0 || i >= n);
  if (bad !== undefined) throw new RangeError(`atom ${bad} of the region is outside 0..${n - 1}`);
  return indices;
}
