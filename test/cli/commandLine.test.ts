import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { z } from "zod";
import { command } from "../../src/cli/command.ts";
import { parse } from "../../src/cli/commandLine.ts";
import { nearest } from "../../src/io/words.ts";
import { qmml } from "./qmml.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

describe("qmml, whatever the command", () => {
  it("--version is the package's", async () => {
    assert.deepEqual(await qmml(["--version"]), { status: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("--help lists the commands, and each has a help of its own with its usage line and --json", async () => {
    const { status, stdout, stderr } = await qmml(["--help"]);
    assert.deepEqual([status, stderr], [0, ""]);
    const names = [...stdout.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name);
    for (const name of ["compute", "relax", "lattice", "doctor"]) assert.ok(names.includes(name), name);
    for (const name of names) {
      const help = await qmml([name, "--help"]);
      assert.deepEqual([help.status, help.stderr], [0, ""]);
      assert.match(help.stdout, new RegExp(`^usage: qmml ${name} .*\\[--json\\]$`, "m"));
    }
  });

  it("without a command it prints the help with the status of wrong usage", async () => {
    const { status, stdout } = await qmml([]);
    assert.equal(status, 2);
    assert.match(stdout, /usage: qmml COMMAND/);
  });

  const lattice = ["lattice", "--element", "Cu", "--crystal", "fcc", "--calculator", "emt"];
  const wrong: [string, string[], RegExp][] = [
    ["unknown command", ["relx"], /^qmml: unknown command relx; did you mean relax\? usage: /],
    ["unknown option before a command", ["--versoin"], /^qmml: unknown option --versoin; /],
    ["a name that every object has", ["constructor"], /^qmml: unknown command constructor; /],
    ["unknown option", [...lattice, "--jsn"], /unknown option --jsn; did you mean --json\?; usage: qmml lattice /],
    ["unknown letter", [...lattice, "-x"], /unknown option -x; usage: /],
    ["value missing at the end", ["lattice", "--element"], /--element needs a value: --element SYMBOL; usage: /],
    ["value missing before another option", ["lattice", "--element", "--crystal", "fcc"], /--element needs a value/],
    ["value given to a flag", [...lattice, "--json=yes"], /--json takes no value; usage: /],
    ["option given twice", [...lattice, "--element", "Ag"], /--element is given twice; usage: /],
    ["one argument too many", [...lattice, "more"], /"more" is one argument too many; usage: /],
    ["required option missing", ["lattice", "--crystal", "fcc", "--calculator", "emt"], /--element: give a chemical symbol/],
    ["number that is none", [...lattice, "--a", "abc"], /--a "abc": give a positive number of Å; usage: /],
    ["number out of range", [...lattice, "--a", "-1"], /--a "-1": give a positive number of Å; usage: /],
    ["unknown calculator", [...lattice.slice(0, -1), "emmt"], /"emmt"; did you mean emt\?; usage: /],
    ["unknown option of the calculator", [...lattice, "--option", "cutoff=1"], /emt has no option "cutoff"/],
    ["option of the calculator without a value", [...lattice, "--option", "asap_cutoff"], /write KEY=VALUE/],
    ["no calculator", lattice.slice(0, -2), /give either --calculator NAME or --model PATH; usage: /],
    ["calculator and model", [...lattice, "--model", "m.qmml"], /give either --calculator NAME or --model PATH; usage: /],
  ];
  for (const [what, words, message] of wrong) {
    it(`${what}: status 2, one line with the usage, nothing on stdout`, async () => {
      const { status, stdout, stderr } = await qmml(words);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout, stderr.split("\n").length], [2, "", 2]);
    });
  }

  it("a reader that closes the pipe is not an error", async () => {
    const { status, stderr } = await qmml(["--help"], (child) => child.stdout?.destroy());
    assert.deepEqual([status, stderr], [0, ""]);
  });

  it("gives an array of all that are left to a last argument that may be repeated, and asks for at least one", () => {
    const run = async (): Promise<{ json: object }> => ({ json: {} });
    const repeated = command({ usage: "", positionals: ["to", "from-here..."], options: {}, input: z.object({}), run });
    assert.deepEqual(parse(repeated, ["a", "b", "--json", "c"]), { to: "a", fromHere: ["b", "c"], json: true });
    assert.deepEqual(parse(repeated, ["a", "b"]), { to: "a", fromHere: ["b"] });
    assert.throws(() => parse(repeated, ["a"]), { name: "UsageError", message: "FROM-HERE is missing" });
    const optional = command({ usage: "", positionals: ["to", "from?"], options: {}, input: z.object({}), run });
    assert.deepEqual([parse(optional, ["a"]), parse(optional, ["a", "b"])], [{ to: "a" }, { to: "a", from: "b" }]);
    assert.throws(() => parse(optional, ["a", "b", "c"]), { name: "UsageError", message: '"c" is one argument too many' });
  });

  it("suggests only what is near", () => {
    assert.equal(nearest("latice", ["lattice", "relax"]), "lattice");
    assert.equal(nearest("frobnicate", ["lattice", "relax"]), undefined);
    assert.equal(nearest("x", []), undefined);
  });
});
