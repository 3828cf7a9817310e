import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { formatExtxyz, parseExtxyz } from "../../src/io/extxyz.ts";
import type { Frame, InfoValue } from "../../src/io/frame.ts";
import { symbolOf } from "../../src/structure/elements.ts";
import { structure } from "../../src/structure/structure.ts";
import { fc } from "../properties.ts";
import { written } from "./written.ts";

interface AsRead {
  readonly numbers: number[];
  readonly positions: number[][];
  readonly cell: number[][];
  readonly pbc: boolean[];
  readonly tags: number[];
  readonly results: Record<string, number | number[] | number[][]>;
  readonly info: Record<string, InfoValue>;
  readonly arrays: Record<string, unknown>;
  readonly constrained: number[];
}

const reference = (name: string): string => readFileSync(new URL(`../reference/${name}`, import.meta.url), "utf8");
const expected: { ase: AsRead[]; qmml: AsRead[] } = JSON.parse(reference("extxyz.json"));

function sameAtoms({ structure: s }: Frame, c: AsRead): void {
  assert.deepEqual([...s.numbers], c.numbers);
  // Both parse the same decimals; == lets -0 be 0, whose sign JSON of Python keeps but ours need not.
  assert.ok(s.positions.every((x, i) => x === c.positions.flat()[i]));
  assert.deepEqual([...s.cell], c.cell.flat());
  assert.deepEqual(s.pbc, c.pbc);
}

function sameResults({ result = {} }: Frame, { results }: AsRead): void {
  assert.equal(result.energy, results.energy);
  for (const key of ["energies", "forces", "stress", "charges"] as const) {
    const value = results[key] as number[] | number[][] | undefined;
    assert.deepEqual(
      result[key] && [...result[key]].map((x) => x + 0),
      value?.flat().map((x) => x + 0),
      key,
    );
  }
}

test("what ASE writes is read as ASE reads it", () => {
  const frames = parseExtxyz(reference("extxyz.extxyz"));
  assert.equal(frames.length, expected.ase.length);
  frames.forEach((frame, i) => {
    sameAtoms(frame, expected.ase[i]);
    sameResults(frame, expected.ase[i]);
  });
  const [slab, pair, water] = frames;
  // ASE counts the free energy among the results.
  const { free_energy, ...info } = slab.info ?? {};
  assert.deepEqual(info, expected.ase[0].info);
  assert.equal(free_energy, slab.result?.energy);
  assert.deepEqual([...(slab.structure.tags ?? [])], expected.ase[0].tags);
  assert.deepEqual([...(slab.structure.fixed ?? [])], [1, 1, 0, 0, 0]);
  assert.deepEqual([...(pair.structure.fixed ?? [])], [1, 0]);
  assert.deepEqual(water.columns, { initial_magmoms: { type: "R", width: 1, values: [0, 1, -1] } });
});

test("what we write is read by ASE", () => {
  assert.equal(formatExtxyz(written), reference("extxyz-written.extxyz"), "run the line at the top of test/reference/extxyz.py");
  written.forEach((frame, i) => {
    sameAtoms(frame, expected.qmml[i]);
    sameResults(frame, expected.qmml[i]);
  });
  const { energy_sigma, ...info } = expected.qmml[0].info;
  assert.equal(energy_sigma, written[0].result?.energySigma);
  assert.deepEqual(info, written[0].info);
  assert.deepEqual(expected.qmml[0].constrained, [1]);
  assert.deepEqual(expected.qmml[0].tags, [1, 0]);
  assert.deepEqual(expected.qmml[0].arrays.label, ["a", "b"]);
  assert.deepEqual(expected.qmml[0].arrays.weights, [
    [1, 2],
    [3, 4],
  ]);
});

const real = fc.double({ noNaN: true, noDefaultInfinity: true });
const reals = (n: number): fc.Arbitrary<Float64Array> => fc.array(real, { minLength: n, maxLength: n }).map((x) => Float64Array.from(x));
const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/);
const key = fc
  .string({ minLength: 1, maxLength: 10 })
  .filter((k) => /\S/.test(k) && !/^(Lattice|pbc|Properties|stress|energy|energy_sigma)$/.test(k));
const scalar = fc.oneof(fc.string(), real, fc.integer(), fc.boolean(), fc.constant(null));
const value: fc.Arbitrary<InfoValue> = fc.oneof(
  scalar,
  fc.array(real, { maxLength: 4 }),
  fc.array(fc.boolean(), { maxLength: 4 }),
  fc.array(fc.array(fc.integer(), { maxLength: 3 }), { maxLength: 3 }),
  fc.dictionary(word, scalar, { maxKeys: 3, noNullPrototype: true }),
);

const frame: fc.Arbitrary<Frame> = fc.nat({ max: 5 }).chain((n) => {
  const ints = (max: number): fc.Arbitrary<number[]> => fc.array(fc.integer({ min: 0, max }), { minLength: n, maxLength: n });
  return fc
    .record({
      numbers: ints(117).map((x) => x.map((z) => z + 1)),
      positions: reals(3 * n),
      // Lattice vectors that are not zero, for pbc.
      cell: fc.option(
        reals(9).map((c) => c.map((x, k) => (k % 4 === 0 ? Math.abs(x) + 1 : x))),
        { nil: undefined },
      ),
      pbc: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      fixed: fc.option(fc.array(fc.boolean(), { minLength: n, maxLength: n }), { nil: undefined }),
      tags: fc.option(ints(9), { nil: undefined }),
      state: fc.record({ charge: fc.integer(), multiplicity: fc.integer({ min: 1 }) }, { requiredKeys: [], noNullPrototype: true }),
      result: fc.option(
        fc.record(
          {
            energy: real,
            energySigma: real,
            energies: reals(n),
            forces: reals(3 * n),
            stress: reals(6),
            charges: reals(n),
            forcesSigma: reals(3 * n),
          },
          { requiredKeys: ["energy"], noNullPrototype: true },
        ),
        { nil: undefined },
      ),
      info: fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true }),
    })
    .map(({ numbers, positions, cell, pbc, fixed, tags, state, result, info }) => ({
      structure: {
        ...structure({
          symbols: numbers,
          positions,
          cell,
          pbc: cell ? pbc : false,
          ...(n > 0 && fixed && { fixed }),
          ...(tags && { tags }),
        }),
        ...state,
      },
      ...(result && { result }),
      info,
    }));
});

test("frames come back to the bit", () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 3 }), (frames) => {
      assert.deepStrictEqual(parseExtxyz(formatExtxyz(frames)), frames);
    }),
    { numRuns: 300 },
  );
});

test("information that is not finite comes back too", () => {
  const frames = [{ structure: structure({ symbols: [], positions: [] }), info: { a: Number.NaN, b: -Infinity, c: [Infinity, 1, -0] } }];
  assert.deepStrictEqual(parseExtxyz(formatExtxyz(frames)), frames);
});

test("plain XYZ, with a comment or without, numbers for symbols, Windows line ends", () => {
  const [a, b] = parseExtxyz("1\r\nBob's water, first try\r\nO 0 0 1e-1\r\n\r\n2\n\n29 0 0 0 0.5\nCU 1 2 3 0.7\n");
  assert.deepEqual(a.info, { comment: "Bob's water, first try" });
  assert.deepEqual([...a.structure.positions], [0, 0, 0.1]);
  assert.deepEqual([...b.structure.numbers], [29, 29]);
  assert.deepEqual(b.info, {});
  assert.deepEqual(b.structure.pbc, [false, false, false]);
});

test("other programs' spellings", () => {
  const text = (line: string): string => `1\n${line} Properties=species:S:1:pos:R:3\nCu 0 0 0\n`;
  const of = (line: string): Frame => parseExtxyz(text(line))[0];
  assert.deepEqual(of('Lattice="1 0 0 0 2 0 0 0 3"').structure.pbc, [true, true, true]);
  assert.deepEqual(of('Lattice="1 0 0 0 2 0 0 0 3" pbc="1 0 0"').structure.pbc, [true, false, false]);
  assert.deepEqual(of("stress=[1, 2, 3, 4, 5, 6]").result?.stress, Float64Array.of(1, 2, 3, 4, 5, 6));
  assert.deepEqual(of("stress={1 6 5 6 2 4 5 4 3}").result?.stress, Float64Array.of(1, 2, 3, 4, 5, 6));
  assert.deepEqual(of("a = 'x y' b=p=q c=1,2 done").info, { a: "x y", b: "p=q", c: [1, 2], done: true });
  assert.deepEqual(parseExtxyz("1\nProperties=Z:I:1:pos:R:3:charges:R:1\n79 0 0 0 0.5\n")[0].result, { charges: Float64Array.of(0.5) });
});

test("charge and multiplicity of the whole, beside charges of the atoms", () => {
  const [{ structure: s, result, info }] = parseExtxyz(
    "1\nProperties=species:S:1:pos:R:3:charge:R:1 charge=-1 multiplicity=3 spin=2\nO 0 0 0 -0.9\n",
  );
  assert.deepEqual([s.charge, s.multiplicity, result?.charges, info], [-1, 3, Float64Array.of(-0.9), { spin: 2 }]);
  const [bare] = parseExtxyz("1\n\nO 0 0 0\n");
  assert.ok(!("charge" in bare.structure) && !("multiplicity" in bare.structure));
});

const good = [
  'Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3:move_mask:L:3:forces:R:3',
  "Cu 0 0 0 T T T 0 0 0",
  "N 1 1 1 F F F 0 0 0",
];
const malformed: [string, string, RegExp][] = [
  ["no count", "two\n\nCu 0 0 0\n", /^line 1: "two" is not a number of atoms$/],
  ["a frame too long", "1\n\nCu 0 0 0\nCu 1 1 1\n", /^line 4: "Cu 1 1 1" is not a number of atoms; has the frame before more atoms/],
  ["a truncated frame", "2\n\nCu 0 0 0\n", /^line 4: the frame that begins in line 1 promises 2 atoms, but ends after 1$/],
  ["only a count", "3", /^line 2: the frame that begins in line 1 promises 3 atoms, but ends after 0$/],
  ["no number", "1\n\nCu 0 x 0\n", /^line 3: "x" in column pos is not a number$/],
  ["a position that is not finite", "1\n\nCu 0 nan 0\n", /^line 2: coordinate 1 of atom 0 is NaN/],
  ["a missing column", "1\n\nCu 0 0\n", /^line 3: 4 columns are needed, 3 are there$/],
  ["a column too many", "1\nProperties=species:S:1:pos:R:3\nCu 0 0 0 1\n", /^line 3: 4 columns are needed, 5 are there$/],
  ["an unknown element", "1\n\nXq 0 0 0\n", /^line 3: "Xq" is not a chemical symbol/],
  ["an unknown number", "1\nProperties=Z:I:1:pos:R:3\n119 0 0 0\n", /^line 3: 119 is not an atomic number/],
  ["no elements", "1\nProperties=pos:R:3\n0 0 0\n", /^line 2: Properties lack the elements/],
  ["no positions", "1\nProperties=species:S:1\nCu\n", /^line 2: Properties lack the positions/],
  ["bad properties", "1\nProperties=species:S\nCu\n", /^line 2: Properties "species:S" are not name:type:count triples/],
  ["a bad type", "1\nProperties=species:S:1:pos:Q:3\nCu 0 0 0\n", /^line 2: "pos:Q:3" in Properties is not name:type:count/],
  ["forces of one column", "1\nProperties=species:S:1:pos:R:3:forces:R:1\nCu 0 0 0 1\n", /^line 2: forces needs 3 real columns, not 1:R$/],
  ["forces that are not finite", `2\n${good.join("\n").replace("F F F 0", "F F F nan")}\n`, /^line 4: forces is NaN/],
  ["a half-fixed atom", `2\n${good.join("\n").replace("F F F", "F T F")}\n`, /^line 4: the atom may move along some directions only/],
  ["a mask of numbers", `2\n${good.join("\n").replace("F F F", "2 2 2")}\n`, /^line 4: "2" in column move_mask is not T or F$/],
  [
    "a tag that is no integer",
    "1\nProperties=species:S:1:pos:R:3:tags:I:1\nCu 0 0 0 1.5\n",
    /^line 3: "1.5" in column tags is not an integer$/,
  ],
  ["a short lattice", '1\nLattice="1 2 3"\nCu 0 0 0\n', /^line 2: Lattice needs 9 finite numbers, not "1 2 3"$/],
  ["a short stress", '1\nstress="1 2 3"\nCu 0 0 0\n', /^line 2: stress needs 6 or 9 finite numbers/],
  ["a word for an energy", "1\nenergy=low\nCu 0 0 0\n", /^line 2: energy needs 1 finite numbers, not "low"$/],
  ["a word for a charge", "1\ncharge=neutral\nCu 0 0 0\n", /^line 2: charge needs 1 finite numbers, not "neutral"$/],
  ["periodic without lattice", '1\npbc="T F F"\nCu 0 0 0\n', /^line 2: direction a is periodic but its lattice vector is zero/],
  ["a bad pbc", '1\npbc="T F"\nCu 0 0 0\n', /^line 2: pbc needs three of T and F, not "true false"$/],
  ["an open quotation", '1\nLattice="1 0 0\nCu 0 0 0\n', /^line 2: a " is missing before the end of the line$/],
  ["bad JSON", '1\nProperties=species:S:1:pos:R:3 a="_JSON {"\nCu 0 0 0\n', /^line 2: "_JSON {" is not well-formed JSON$/],
];
for (const [what, text, message] of malformed) {
  test(`refused with its line: ${what}`, () => {
    assert.throws(
      () => parseExtxyz(text),
      (error: Error) => {
        assert.ok(error instanceof RangeError);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("what cannot be written is refused", () => {
  const one = structure({ symbols: ["Cu"], positions: [0, 0, 0] });
  assert.throws(() => formatExtxyz([{ structure: one, result: { energy: Number.NaN } }]), /energy contains NaN/);
  assert.throws(() => formatExtxyz([{ structure: one, result: { forces: Float64Array.of(0, Infinity, 0) } }]), /forces contains Infinity/);
  assert.throws(
    () => formatExtxyz([{ structure: one, result: { forces: Float64Array.of(0) } }]),
    /column forces has 1 values; 1 atoms need 3/,
  );
  assert.throws(() => formatExtxyz([{ structure: one, info: { pbc: "T" } }]), /"pbc" cannot be among/);
  const label = { type: "S", width: 1, values: ["a b"] } as const;
  assert.throws(() => formatExtxyz([{ structure: one, columns: { label } }]), /"a b" in column label cannot be written/);
});

test("every element has a name to be read by", () => {
  const all = structure({ symbols: Array.from({ length: 118 }, (_, i) => symbolOf(i + 1)), positions: new Float64Array(3 * 118) });
  assert.deepEqual(parseExtxyz(formatExtxyz([{ structure: all }]))[0].structure.numbers, all.numbers);
});
