/** Tables from anybody: what is valid is read, anything else is one sentence, soon. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  Bool,
  CompressionType,
  compressionRegistry,
  type DataType,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Null,
  RecordBatchStreamWriter,
  Schema,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { type Columns, encode, INTEGER, orNull, real, reals, TEXT, tableOf } from "../../src/history/arrow.ts";
import { arrowTables, history, TABLE_COLUMNS, type TableName } from "../../src/history/history.ts";
import { readRows } from "../../src/history/readRows.ts";
import { fc } from "../properties.ts";
import { fixture } from "./fixture.ts";

const h = history(fixture({ members: 2, size: [3, 3, 3] }));
const NAMES = Object.keys(TABLE_COLUMNS) as TableName[];
const tables = arrowTables(h, NAMES);
const streams = Object.fromEntries(NAMES.map((name) => [name, tableToIPC(tables[name], "stream")]));
const read = (name: TableName, stream: Uint8Array | string): unknown[] =>
  readRows<object>(name, TABLE_COLUMNS[name] as unknown as Columns<object>, stream);

interface Row {
  readonly name: string;
  readonly count: number | null;
  readonly energy: number;
  readonly positions: Float64Array;
}
const COLUMNS: Columns<Row> = { name: TEXT, count: orNull(INTEGER), energy: real("eV"), positions: reals("Å") };
const ROWS: readonly Row[] = [
  { name: "a", count: 1, energy: -1.5, positions: Float64Array.of(0, 1, 2) },
  { name: "Å", count: null, energy: 2, positions: new Float64Array(0) },
  { name: "", count: -3, energy: Number.NaN, positions: Float64Array.of(9) },
];
const good = tableOf(COLUMNS, ROWS);
/** The table with another column in place of one of its own. */
const changed = (name: string, type: DataType, values: readonly unknown[], unit: string | null, as = name): Uint8Array => {
  const fields = good.schema.fields.map((f) => (f.name === name ? new Field(as, type, true, new Map(unit ? [["unit", unit]] : [])) : f));
  const vectors = good.schema.fields.map((f, k) => [
    fields[k].name,
    f.name === name ? vectorFromArray(values, type) : good.getChild(f.name),
  ]);
  return tableToIPC(new Table(new Schema(fields), Object.fromEntries(vectors)), "stream");
};
const refused = (stream: Uint8Array | string, sentence: RegExp): void =>
  assert.throws(() => readRows("images", COLUMNS, stream), { name: "RangeError", message: sentence });

test("every table is read as it was written, as bytes or base64, in one batch or several", () => {
  for (const name of NAMES) {
    const rows = name === "about" ? [h.about] : h[name];
    assert.deepEqual(read(name, streams[name]), rows, name);
    assert.deepEqual(read(name, encode(tables[name])), rows, name);
  }
  const halves = new RecordBatchStreamWriter();
  for (const batch of [good.slice(0, 1), good.slice(1)]) for (const b of batch.batches) halves.write(b);
  assert.deepEqual(readRows("images", COLUMNS, halves.finish().toUint8Array(true)), ROWS);
  assert.deepEqual(readRows("images", COLUMNS, tableToIPC(tableOf(COLUMNS, []), "stream")), []);
});

test("an older table lacks what may be null, a newer one has more: both are read", () => {
  const older = tableToIPC(good.select(["positions", "name", "energy"]), "stream");
  assert.deepEqual(
    readRows("images", COLUMNS, older),
    ROWS.map((r) => ({ ...r, count: null })),
  );
  const newer = tableOf({ ...COLUMNS, __proto__x: TEXT } as never, ROWS.map((r) => ({ ...r, __proto__x: "?" })) as never);
  assert.deepEqual(readRows("images", COLUMNS, tableToIPC(newer, "stream")), ROWS);
});

test("another column, type, unit or value is refused by name", () => {
  refused(tableToIPC(good.select(["name", "count", "energy"]), "stream"), /^table images cannot be read: it has no column positions$/);
  refused(changed("energy", new Float64(), [1, 2, 3], "meV"), /its column energy is in "meV", not in "eV"$/);
  refused(changed("energy", new Float64(), [1, 2, 3], null), /its column energy is in null, not in "eV"$/);
  refused(changed("energy", new Float64(), [1, null, 3], "eV"), /its column energy is null in row 1$/);
  refused(changed("energy", new Int32(), [1, 2, 3], "eV"), /its column energy is Int32, not Float64$/);
  refused(
    changed("positions", new List(new Field("item", new Float32())), [[1], [2], [3]], "Å"),
    /positions is List<Float32>, not List<Float64>/,
  );
  refused(changed("name", new Bool(), [true, false, true], null), /its column name is Bool, not Utf8$/);
  refused(changed("energy", new Float64(), [1, 2, 3], "eV", "constructor"), /it has no column energy$/);
  refused(changed("energy", new Float64(), [1, 2, 3], "eV", "__proto__"), /it has no column energy$/);
  refused(tableToIPC(tableFromArrays({}), "stream"), /it has no column name$/);
  const limits: Columns<{ step: number; scheme: string; at: number }> = {
    step: { ...INTEGER, most: 9 },
    scheme: { ...TEXT, among: ["frozen"] },
    at: { ...real("Å"), finite: true },
  };
  const row = { step: 9, scheme: "frozen", at: 1 };
  assert.deepEqual(readRows("t", limits, tableToIPC(tableOf(limits, [row]), "stream")), [row]);
  for (const [wrong, sentence] of [
    [{ step: 10 }, /its column step is 10, not 0 to 9, in row 0/],
    [{ step: -1 }, /its column step is -1, not/],
    [{ scheme: "__proto__" }, /its column scheme is "__proto__" in row 0/],
    [{ at: Number.NaN }, /its column at has NaN in row 0/],
    [{ at: Infinity }, /its column at has Infinity/],
  ] as const) {
    const stream = tableToIPC(tableOf(limits, [{ ...row, ...wrong }]), "stream");
    assert.throws(() => readRows("t", limits, stream), { name: "RangeError", message: sentence });
  }
});

test("types that cost more than their bytes are refused before Arrow sees them", () => {
  refused(changed("name", new Dictionary(new Utf8(), new Int32()), ["a", "b", "a"], null), /a column has a dictionary$/);
  refused(changed("name", new Null(), [null, null, null], null), /a column is of a type that is not read$/);
  refused(changed("energy", new Int64(), [1n, 2n, 3n], "eV"), /a column is of a type that is not read$/);
  const deep = new List(new Field("item", new List(new Field("item", new Float64()))));
  refused(changed("positions", deep, [[[1]], [[2]], [[3]]], "Å"), /a column is of a type that is not read$/);
  compressionRegistry.set(CompressionType.ZSTD, { encode: zstdCompressSync, decode: zstdDecompressSync });
  refused(tableToIPC(good, "stream", CompressionType.ZSTD), /its rows are compressed$/);
  refused(tableToIPC(good, "file"), /a message does not begin as one$/);
});

test("what is no stream is refused", () => {
  const bytes = tableToIPC(good, "stream");
  for (const text of ["!", "é", "AAA", ""]) refused(text, /it is no Arrow stream|it has no schema|is cut off/);
  const end = 8;
  for (let length = 0; length < bytes.length - end; length++) {
    // A stream may end behind any of its messages; this one then has no rows.
    try {
      assert.deepEqual(readRows("images", COLUMNS, bytes.slice(0, length)), []);
    } catch (error) {
      assert.match(String(error), /^RangeError: table images cannot be read: /);
    }
  }
  refused(new Uint8Array(65e6), /it is of 65000000 bytes, more than 64000000$/);
  refused(new Uint8Array(64), /it has no schema|does not begin/);
});

test("counts of rows, nulls and bytes that are not there are refused", () => {
  const bytes = tableToIPC(good, "stream");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let found = 0;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    if (view.getBigInt64(at, true) !== BigInt(ROWS.length)) continue;
    for (const claimed of [2n ** 31n, 2n ** 53n, 2n ** 62n, -1n, -(2n ** 63n), 4n]) {
      const hostile = bytes.slice();
      new DataView(hostile.buffer).setBigInt64(at, claimed, true);
      refused(hostile, /^table images cannot be read: /);
      found++;
    }
  }
  // The batch's own count, and that of each of four columns.
  assert.ok(found >= 5 * 6);
});

test("a stream changed at random is refused, or read as rows of the right shape, at once", () => {
  const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }), inHead: fc.boolean() });
  const property = fc.property(
    fc.constantFrom(...NAMES),
    fc.array(change, { minLength: 1, maxLength: 12 }),
    fc.option(fc.nat(), { freq: 4 }),
    (name, changes, cut) => {
      const bytes = streams[name].slice();
      // Where the schema and the first batch say what there is.
      for (const { at, to, inHead } of changes) bytes[at % (inHead ? Math.min(bytes.length, 3000) : bytes.length)] = to;
      const began = performance.now();
      try {
        const rows = read(name, cut === null ? bytes : bytes.slice(0, cut % bytes.length));
        for (const row of rows) assert.deepEqual(Object.keys(row as object).sort(), Object.keys(TABLE_COLUMNS[name]).sort());
      } catch (error) {
        assert.match(String(error), /^RangeError: table \w+ cannot be read: /);
      }
      // A valid table is read in some ms; a busy machine may take its time.
      assert.ok(performance.now() - began < 10_000);
    },
  );
  fc.assert(property, { numRuns: 1500 });
});
