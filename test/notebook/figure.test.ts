/** Figures in a notebook: what they show, and the files that they are saved as. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import { dots, panel } from "../../src/display/figure.ts";
import { atMost } from "../../src/display/findings.ts";
import { unitsOf } from "../../src/history/arrow.ts";
import { figure, findings } from "../../src/notebook/figure.ts";
import { JUPYTER_DISPLAY } from "../../src/notebook/jupyter.ts";
import { parseXml } from "../display/xml.ts";

const scratch = mkdtempSync(join(tmpdir(), "qmml-figure-"));
after(() => rmSync(scratch, { recursive: true }));

const rows = [[panel({ x: "step", y: "energy (eV)", marks: [dots("ours", [0, 1], [2.5, 1.25])] })]];
const input = { title: "Energies", description: "Two of them.", rows };
const table = [
  { step: 0, energy: 2.5, scheme: "frozen, poor" },
  { step: 1, energy: 0.1 + 0.2, scheme: "frozen" },
];

test("a figure draws itself as picture, plotly and text; one without panels, and findings, as a table", () => {
  assert.deepEqual(Object.keys(figure(input)[JUPYTER_DISPLAY]()), ["text/plain", "image/svg+xml", "application/vnd.plotly.v1+json"]);
  for (const value of [figure({ ...input, rows: [] }, table, { energy: "eV" }), findings("one", [atMost("error", 3, 15, "meV")])]) {
    const bundle = value[JUPYTER_DISPLAY]();
    assert.deepEqual(Object.keys(bundle), ["text/plain", "text/html"]);
    parseXml(`<div>${bundle["text/html"]}</div>`);
  }
});

test("saving makes the folder, writes three files with all digits and units, and returns the figure", () => {
  const made = figure(input, table, { energy: "eV" });
  const path = join(scratch, "new", "folder", "03-energies");
  assert.equal(made.save(path), made);
  assert.deepEqual(readdirSync(join(scratch, "new", "folder")).sort(), ["03-energies.arrow", "03-energies.csv", "03-energies.svg"]);
  assert.equal(readFileSync(`${path}.svg`, "utf8"), made[JUPYTER_DISPLAY]()["image/svg+xml"]);
  assert.equal(readFileSync(`${path}.csv`, "utf8"), 'step,energy (eV),scheme\r\n0,2.5,"frozen, poor"\r\n1,0.30000000000000004,frozen\r\n');
  const arrow = tableFromIPC(readFileSync(`${path}.arrow`));
  assert.deepEqual(unitsOf(arrow), { step: "1", energy: "eV", scheme: null });
  assert.equal(arrow.getChild("energy")?.get(1), 0.1 + 0.2);
  assert.deepEqual(made.table, table);
});

test("findings are saved without a picture, each value's unit beside it", () => {
  const path = join(scratch, "found", "03-findings");
  findings("03-retraining", [atMost("error of the final energy", 12.5, 15, "meV"), atMost("not done", null, 1, "s")]).save(path);
  assert.deepEqual(readdirSync(join(scratch, "found")).sort(), ["03-findings.arrow", "03-findings.csv"]);
  assert.equal(
    readFileSync(`${path}.csv`, "utf8"),
    "claim,value,unit,bound,holds,note\r\nerror of the final energy,12.5,meV,≤ 15,true,\r\nnot done,,s,≤ 1,,\r\n",
  );
});

test("saved again, a figure replaces its files; where it cannot, the old ones stay and nothing half written is left", () => {
  const folder = join(scratch, "again");
  const path = join(folder, "one");
  figure(input).save(path);
  const other = figure({ ...input, title: "Other" });
  other.save(path);
  assert.match(readFileSync(`${path}.svg`, "utf8"), /Other/);
  rmSync(`${path}.csv`);
  // A folder where the file should be: renaming over it fails, for root as well.
  mkdirSync(`${path}.csv`);
  writeFileSync(join(`${path}.csv`, "inside"), "");
  assert.throws(() => figure(input).save(path));
  assert.deepEqual(readdirSync(folder).sort(), ["one.arrow", "one.csv", "one.svg"]);
});
