/** The tiny study as a user has it: a study file and the structure that it names. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatExtxyz } from "../../src/io/extxyz.ts";
import type { Structure } from "../../src/structure/structure.ts";
import type { StudyInput } from "../../src/study/studyFile.ts";
import { TINY, tinySlab } from "../study/tinyStudy.ts";

/** Writes `tiny.json` and `start.xyz` into a folder; returns the path of the former. */
export function studyFile(folder: string, other: Partial<StudyInput> = {}, structure: Structure = tinySlab()): string {
  const path = join(folder, "tiny.json");
  writeFileSync(join(folder, "start.xyz"), formatExtxyz([{ structure }]));
  writeFileSync(path, JSON.stringify({ ...TINY, structure: "start.xyz", ...other }));
  return path;
}
