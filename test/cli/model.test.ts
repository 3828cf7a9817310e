import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { formatExtxyz } from "../../src/io/extxyz.ts";
import { structure } from "../../src/structure/structure.ts";
import { folder, qmml } from "./qmml.ts";

const at = folder();
const input = join(at, "in.xyz");
writeFileSync(input, formatExtxyz([{ structure: structure({ symbols: ["Cu"], positions: [[0, 0, 0]] }) }]));
const file = (name: string, text: string): string => {
  writeFileSync(join(at, name), text);
  return join(at, name);
};

describe("--model", () => {
  const wrong: [string, string, RegExp][] = [
    ["that is not there", join(at, "none.json"), /there is no .*none\.json; check the path/],
    ["that is a folder", at, /is a folder; give a file/],
    [
      "that is not JSON",
      file("text.json", "hello"),
      /text\.json is no model that can be read: it is not JSON \(.*\); give a file that qmml train wrote/,
    ],
    [
      "of another format",
      file("other.json", "{}"),
      /other\.json is no model that can be read: its format is not named, not "qmml-model"; /,
    ],
    ["of a newer version", file("newer.json", '{"format": "qmml-model", "version": 9}'), /its version is 9, .*; install a newer qmml/],
  ];
  for (const [what, path, message] of wrong) {
    it(`a path ${what}: status 1, one line`, async () => {
      const { status, stdout, stderr } = await qmml(["compute", "--model", path, input, "--json"]);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout, stderr.split("\n").length], [1, "", 2]);
    });
  }
});
