import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Cluster, carve, cut } from "../../src/hybrid/carve.ts";
import { spread } from "../../src/hybrid/links.ts";
import { bonded, select } from "../../src/structure/regions.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";
import { derivative, moved } from "../descriptors/surroundings.ts";
import { fc } from "../properties.ts";
import { crooked, disiloxane, molecule, polyethylene, wrapped } from "../structure/molecules.ts";

/** A smooth energy of Q that knows each of its coordinates by name: nothing cancels. */
const wave = (k: number): number => 0.3 + 0.1 * (k % 7);
const energy = (q: Structure): number => q.positions.reduce((sum, x, k) => sum + Math.sin(wave(k) * x + k), 0);
const forces = (q: Structure): Float64Array => q.positions.map((x, k) => -wave(k) * Math.cos(wave(k) * x + k));

/** Vector from atom a to atom b. */
function between({ positions }: Structure, a: number, b: number): number[] {
  return [0, 1, 2].map((k) => positions[3 * b + k] - positions[3 * a + k]);
}

const length = (v: readonly number[]): number => Math.hypot(...v);

/** A piece of one or three CH2 of a chain of eight with a link at either end, decided on the even chain; the cell's wall anywhere. */
interface Case {
  readonly seed: number;
  readonly fraction: number;
  readonly centre: number;
  readonly many: number;
  readonly links: "ratio" | "length";
}

const cases: fc.Arbitrary<Case> = fc.record({
  seed: fc.nat(),
  fraction: fc.double({ min: 0, max: 1, noNaN: true }),
  centre: fc.nat(7),
  many: fc.nat(1),
  links: fc.constantFrom("ratio", "length"),
});

function piece({ seed, fraction, centre, many, links }: Case): [Structure, Cluster] {
  const chain = wrapped(polyethylene(8), fraction);
  const cluster = carve(chain, select(chain, bonded(many, [3 * centre])), { buffer: { bonds: 0 }, links });
  return [crooked(chain, seed), cluster];
}

describe("link atoms", () => {
  it("sit on the cut bond, at a fixed length or a fixed ratio, also across the wall of the cell", () => {
    const property = fc.property(cases, (c) => {
      const [s, cluster] = piece(c);
      const q = cut(s, cluster);
      const many = cluster.atoms.length;
      assert.equal(many, c.many === 0 ? 3 : 9);
      assert.equal(cluster.links.length, 2);
      cluster.links.forEach(({ inside, outside }, l) => {
        const link = between(q, cluster.atoms.indexOf(inside), many + l);
        // The bond in S by the nearest image: 1.5 Å in a cell of 10 Å along the chain.
        const bond = between(s, inside, outside);
        const whole = Math.round(bond[0] / s.cell[0]);
        const vector = bond.map((x, k) => x - whole * s.cell[k]);
        const share = c.links === "length" ? 1.09 / length(vector) : 1.09 / 1.52;
        link.forEach((x, k) => {
          assert.ok(Math.abs(x - share * vector[k]) < 1e-12); // rounding of positions up to 20 Å
        });
      });
    });
    fc.assert(property, { numRuns: 60 });
  });

  it("are as far from C, N and O as hydrogen is, from others by the covalent radii", () => {
    const amine = molecule("CH3CH2NH2"); // C0-C1-N2
    const carbinol = structure({ symbols: ["C", "O", "C"], positions: [0, 0, 0, 1.43, 0, 0, 1.9, 1.35, 0] });
    for (const [s, core, expected] of [
      [amine, 2, [1.01, 1.01 / (0.71 + 0.76)]],
      [amine, 1, [1.09, 1.09 / (0.76 + 0.76)]],
      [carbinol, 1, [0.96, 0.96 / (0.66 + 0.76)]],
      [disiloxane, 0, [1.11 + 0.31, (1.11 + 0.31) / (1.11 + 0.66)]],
    ] as const) {
      const places = (["length", "ratio"] as const).map((links) => {
        const { place } = carve(s, Uint32Array.of(core), { buffer: { bonds: 0 }, links }).links[0];
        return "length" in place ? place.length : place.ratio;
      });
      assert.deepEqual(places, expected);
    }
  });

  it("hand their forces on to both ends by the chain rule", () => {
    const property = fc.property(cases, (c) => {
      const [s, cluster] = piece(c);
      const given = spread(s, cluster, forces(cut(s, cluster)));
      s.positions.forEach((_, k) => {
        const expected = -derivative((h) => energy(cut(moved(s, k, h), cluster)));
        // Differences of an energy of about 10 over a step of 1e-3: rounding 1e-12, the formula's error 1e-12.
        assert.ok(Math.abs(given[k] - expected) < 1e-10, `${k}: ${given[k]} against ${expected}`);
      });
    });
    fc.assert(property, { numRuns: 40 });
  });

  it("keep the sum of the forces; with fixed length nothing pulls along the bond", () => {
    const property = fc.property(cases, (c) => {
      const [s, cluster] = piece(c);
      const q = cut(s, cluster);
      const onLinks = forces(q).fill(0, 0, 3 * cluster.atoms.length);
      const given = spread(s, cluster, onLinks);
      for (const k of [0, 1, 2]) {
        const sum = (f: Float64Array): number => f.filter((_, at) => at % 3 === k).reduce((a, b) => a + b, 0);
        assert.ok(Math.abs(sum(given) - sum(onLinks)) < 1e-13); // the last bits of six forces below 1
      }
      if (c.links === "ratio" || cluster.links[0].outside === cluster.links[1].outside) return;
      cluster.links.forEach(({ inside, outside }, l) => {
        const u = between(q, cluster.atoms.indexOf(inside), cluster.atoms.length + l);
        const along = u.reduce((sum, x, k) => sum + x * given[3 * outside + k], 0);
        assert.ok(Math.abs(along) < 1e-13);
      });
    });
    fc.assert(property, { numRuns: 40 });
  });

  it("two on one atom each have their own bond", () => {
    const butane = molecule("trans-butane"); // C0-C1-C2-C3
    const cluster = carve(butane, Uint32Array.of(1), { buffer: { bonds: 0 } });
    assert.deepEqual(
      cluster.links.map(({ inside, outside }) => [inside, outside]),
      [
        [1, 0],
        [1, 2],
      ],
    );
    const q = cut(butane, cluster); // methane
    assert.deepEqual([...q.numbers].sort(), [1, 1, 1, 1, 6]);
  });
});
