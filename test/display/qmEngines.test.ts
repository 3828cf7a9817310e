/** Every engine has words, options as its own description has them, and citations that exist and are whole. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EngineSpec } from "../../src/calculators/calculator.ts";
import { ENGINE_WORDS, OPTION_UNITS, optionWords } from "../../src/display/qmEngines.ts";
import { bibliography } from "../../src/display/references.ts";
import { aseCalculator } from "../../src/qm/aseEngine.ts";
import { ENGINES } from "../../src/qm/engines.ts";
import { gpaw } from "../../src/qm/gpaw.ts";
import { ipi } from "../../src/qm/ipi/engine.ts";
import { pyscf } from "../../src/qm/pyscf.ts";
import { gfn1Xtb } from "../../src/qm/xtb.ts";

/** What an option's description says holds where nothing is given. */
function defaultIn(text: string): string | undefined {
  return /\(default:? ([^;)]+)[;)]/.exec(text)?.[1].replace(/^GPAW's$|^none.*$|^not said$/, "");
}

describe("engines in words", () => {
  it("are all there, and no others", () => {
    assert.deepEqual(Object.keys(ENGINE_WORDS).sort(), Object.keys(ENGINES).sort());
  });

  for (const [name, { options: described }] of Object.entries(ENGINES)) {
    const words = ENGINE_WORDS[name];
    it(`${name}: options are those that it has, their defaults and units its own`, () => {
      for (const [key, value] of Object.entries(words.options)) {
        const stated = defaultIn(described[key]);
        assert.equal(
          stated,
          typeof value === "object" ? JSON.stringify(value).replaceAll(",", ", ") : stated === "1e-5" ? "1e-5" : String(value),
        );
        if (stated === "1e-5") assert.equal(value, 1e-5);
      }
      for (const key of words.said) assert.ok(key in described || ["threads", "warm"].includes(key), key);
      for (const [key, text] of Object.entries(described)) {
        const unit = /, (eV|Å|K|Hartree|e)(?=[;, ]|$)/.exec(text)?.[1];
        if (unit && !words.said.includes(key)) assert.equal(OPTION_UNITS[key], unit, key);
      }
    });

    it(`${name}: its citations are entries`, () => {
      const keys = words.cite({ ...words.options, xc: "PBE" });
      const entries = bibliography(keys.map((key) => `@${key}`).join(" "));
      assert.equal(entries.split("@article").length - 1, keys.length);
      for (const entry of entries.split("\n\n")) {
        for (const field of ["author", "title", "journal", "volume", "pages", "year", "doi"])
          assert.match(entry, new RegExp(`^  ${field} += \\{.+\\},?$`, "m"));
        assert.match(entry, /^ {2}doi +=\s\{10\.\d{4,}\/[^\s{}]+\}$/m);
      }
    });
  }

  const cases: readonly (readonly [EngineSpec, string, readonly string[], string])[] = [
    [pyscf(), "Hartree-Fock theory in the basis 6-31g* by PySCF", ["sun2020", "sun2015"], "conv_tol 1e-9 Hartree, max_cycle 100, grid 3"],
    [
      pyscf({ xc: "b3lyp", basis: "def2-svp", densityFitting: true, threads: 2 }),
      "density functional theory with the functional b3lyp in the basis def2-svp by PySCF, with density fitting",
      ["sun2020", "sun2015", "lehtola2018", "stephens1994"],
      "conv_tol 1e-9 Hartree, max_cycle 100, grid 3",
    ],
    [
      gpaw({ kpts: [4, 4, 1], mixing: { beta: 0.05 } }),
      "density functional theory with the functional PBE and projector-augmented waves by GPAW, in atomic orbitals (dzp)",
      ["mortensen2024", "larsen2009", "perdew1996", "larsen2017"],
      'kpts 4 × 4 × 1, h 0.2 Å, smearing 0.1 eV, vacuum 5 Å, conv_density 0.00001 electrons per valence electron, mixing {"beta":0.05}',
    ],
    [
      gpaw({ mode: "pw", ecut: 400, xc: "RPBE" }),
      "density functional theory with the functional RPBE and projector-augmented waves by GPAW, in plane waves up to 400 eV",
      ["mortensen2024", "blochl1994", "hammer1999", "larsen2017"],
      "kpts 1 × 1 × 1, h 0.2 Å, smearing 0.1 eV, vacuum 5 Å, conv_density 0.00001 electrons per valence electron",
    ],
    [
      gpaw({ mode: "fd", xc: "LDA" }),
      "density functional theory with the functional LDA and projector-augmented waves by GPAW, in real-space grids",
      ["mortensen2024", "mortensen2005", "larsen2017"],
      "kpts 1 × 1 × 1, h 0.2 Å, smearing 0.1 eV, vacuum 5 Å, conv_density 0.00001 electrons per valence electron",
    ],
    [aseCalculator("lj", { sigma: 2.3 }), "the calculator lj, called through ASE", ["larsen2017"], 'arguments {"sigma":2.3}'],
    [
      ipi({ address: "unix:cu", code: "CP2K 2024.1, PBE-D3", elements: "Cu26N", box: 20 }),
      "CP2K 2024.1, PBE-D3, called by the i-PI protocol",
      ["ceriotti2014"],
      "box 20 Å",
    ],
    [
      gfn1Xtb({ warm: true }),
      "GFN1-xTB by tblite through ASE",
      ["grimme2017", "larsen2017"],
      "accuracy 1, electronic_temperature 300 K, max_iterations 250",
    ],
  ];
  for (const [{ engine, ...given }, words, keys, options] of cases)
    it(`${engine} with ${JSON.stringify(given)}`, () => {
      const known = ENGINE_WORDS[engine];
      const asked = { ...known.options, ...given };
      assert.equal(known.words(asked), words);
      assert.deepEqual(known.cite(asked), keys);
      assert.equal(optionWords(known, given).join(", "), options);
    });
});
