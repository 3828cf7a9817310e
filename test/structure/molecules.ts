/** Molecules and chains that tests cut: ASE's G2 set (`reference/molecules.py`), and what it lacks made by hand. */
import { readFileSync } from "node:fs";
import { rattle } from "../../src/structure/rattle.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";

const { molecules } = JSON.parse(readFileSync(new URL("../reference/molecules.json", import.meta.url), "utf8")) as {
  molecules: Record<string, { numbers: number[]; positions: number[] }>;
};

/** A molecule of the G2 set. */
export function molecule(name: string): Structure {
  const { numbers, positions } = molecules[name];
  return structure({ symbols: numbers, positions });
}

/** n points on a circle about z, the first on x. */
function circle(n: number, radius: number, z: (k: number) => number = () => 0): number[][] {
  return Array.from({ length: n }, (_, k) => [radius * Math.cos((2 * Math.PI * k) / n), radius * Math.sin((2 * Math.PI * k) / n), z(k)]);
}

/** The chair of cyclohexane: C 0..5, then the equatorial and the axial H's. */
export const cyclohexane: Structure = structure({
  symbols: "CCCCCCHHHHHHHHHHHH".split(""),
  positions: [
    ...circle(6, 1.458, (k) => 0.25 * (-1) ** k),
    ...circle(6, 2.49, (k) => -0.1 * (-1) ** k),
    ...circle(6, 1.458, (k) => 1.35 * (-1) ** k),
  ],
});

/** Biphenyl, turned by 40 degrees about the bond C0-C6 of 1.49 Å: C 0..5 and 6..11. */
export const biphenyl: Structure = ((): Structure => {
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const left = [...circle(6, 1.395), ...circle(6, 2.48).slice(1)];
  const right = left.map(([x, y]) => [4.28 - x, c * y, s * y]);
  const carbons = [...left.slice(0, 6), ...right.slice(0, 6)];
  return structure({ symbols: "CCCCCCCCCCCCHHHHHHHHHH".split(""), positions: [...carbons, ...left.slice(6), ...right.slice(6)] });
})();

/** H3Si-O-SiH3: Si, O, Si, then the H's. */
export const disiloxane: Structure = ((): Structure => {
  const silyl = circle(3, 1.4).map(([x, y]) => [x, y, 1.97]);
  const turned = silyl.map(([x, y, z]) => [-0.9 * x - 0.2 * y, 0.98 * y, -z]);
  return structure({ symbols: ["Si", "O", "Si", ..."HHHHHH"], positions: [[0, 0, 1.5], [0, 0.63, 0], [0, 0, -1.5], ...silyl, ...turned] });
})();

/** All-trans polyethylene along x in a crooked cell of `carbons` (even): each C is followed by its two H's. Bonds of 1.52 Å. */
export function polyethylene(carbons: number): Structure {
  const [step, height] = [1.27, 0.42];
  const unit = (k: number): number[][] => {
    const [x, side] = [step * k, (-1) ** k];
    return [
      [x, side * height, 0],
      [x, side * (height + 0.63), 0.89],
      [x, side * (height + 0.63), -0.89],
    ];
  };
  return structure({
    symbols: Array.from({ length: carbons }, () => ["C", "H", "H"]).flat(),
    positions: Array.from({ length: carbons }, (_, k) => unit(k)).flat(),
    cell: [step * carbons, 0, 0, 0.6, 7.2, 0.3, -0.4, 0.5, 6.8],
    pbc: true,
  });
}

/** With each atom moved by a random vector, so that no symmetry hides a wrong sign. */
export function crooked(s: Structure, seed: number, stdev = 0.06): Structure {
  return rattle(s, { stdev, seed });
}

/** Each atom moved by whole lattice vectors into the cell after the whole was moved along the first by a fraction of it. */
export function wrapped(s: Structure, fraction: number): Structure {
  const along = s.positions.map((x, k) => x + fraction * s.cell[k % 3]);
  const cells = Array.from(s.numbers, (_, i) => Math.floor(along[3 * i] / s.cell[0]));
  return { ...s, positions: along.map((x, k) => x - cells[Math.floor(k / 3)] * s.cell[k % 3]) };
}
