/** Images for stores, and a process that writes them: `node storeImages.ts FOLDER FIRST COUNT ATOMS` says `N` for each one it has stored. */
import { createHash } from "node:crypto";
import { random } from "../../src/linalg/random.ts";
import type { QmImage } from "../../src/qm/image.ts";
import { openStore } from "../../src/qm/store.ts";

/** The k-th image: random numbers of the size of positions, forces and energies, always the same. */
export function imageOf(k: number, atoms = 20): QmImage {
  const { uniform, gaussian } = random(k);
  return {
    hash: createHash("sha256").update(String(k)).digest("hex"),
    settings: JSON.stringify({ engine: k % 3 === 0 ? "gfn1-xtb" : "gfn2-xtb", version: "tblite 0.8.0, ASE 3.28.0" }),
    structure: {
      numbers: Uint8Array.from({ length: atoms }, () => 1 + Math.floor(80 * uniform())),
      positions: Float64Array.from({ length: 3 * atoms }, () => 10 * gaussian()),
      cell: Float64Array.of(9.1, 0.2, 0, 0, 8.2, 0.1, 0.3, 0, 7.3),
      pbc: [k % 2 === 0, true, false],
      charge: (k % 4) - 1,
      ...(k % 5 === 0 && { multiplicity: 1 + (k % 3) }),
    },
    energy: -100 * uniform() * atoms,
    forces: Float64Array.from({ length: 3 * atoms }, gaussian),
    seconds: uniform(),
  };
}

if (process.argv[1] === import.meta.filename) {
  const [folder, ...numbers] = process.argv.slice(2);
  const [first, count, atoms] = numbers.map(Number);
  const store = openStore(folder, {
    warn: (sentence) => {
      throw new Error(sentence);
    },
  });
  for (let k = first; k < first + count; k++) {
    store.put(imageOf(k, atoms));
    process.stdout.write(`${k}\n`);
  }
  store.close();
}
