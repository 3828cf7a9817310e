/** Raw values as cells and as CSV. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { cellText, csv, dataTable } from "../../src/display/dataTable.ts";
import { FLAG, INTEGER, real, reals, TEXT } from "../../src/history/arrow.ts";

const COLUMNS = { name: TEXT, step: INTEGER, energy: real("eV"), done: FLAG, forces: reals("eV/Å") };
const ROWS = [
  { name: 'a "b", c', step: 0, energy: 1 / 3, done: true, forces: [1] },
  { name: "=1+1", step: null, energy: Number.NaN, done: false, forces: [2] },
];

test("a table has every value but lists, with the units of its columns", () => {
  const table = dataTable("t", COLUMNS, ROWS);
  assert.deepEqual(
    table.columns.map((c) => `${c.name} ${c.unit}`),
    ["name ", "step ", "energy eV", "done "],
  );
  assert.deepEqual([table.length, table.cells(0)], [2, ['a "b", c', 0, 1 / 3, true]]);
  assert.deepEqual(table.cells(1).map(cellText), ["=1+1", "–", "–", "no"]);
  assert.deepEqual([cellText(1 / 3), cellText(12), cellText(undefined)], ["0.333333", "12", "–"]);
});

test("CSV has every digit, quotes what must be quoted, and no text that a spreadsheet would run", () => {
  assert.equal(
    csv(dataTable("t", COLUMNS, ROWS)),
    'name,step,energy (eV),done\r\n"a ""b"", c",0,0.3333333333333333,true\r\n\'=1+1,,,false\r\n',
  );
});
