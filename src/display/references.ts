/** The literature behind a study, as BibTeX. */

/** Entries by key. */
const ENTRIES = {
  zhang2018: `@article{zhang2018,
  author  = {Zhang, Yin-Jia and Khorshidi, Alireza and Kastlunger, Georg and Peterson, Andrew A.},
  title   = {The potential for machine learning in hybrid {QM/MM} calculations},
  journal = {The Journal of Chemical Physics},
  volume  = {148},
  pages   = {241740},
  year    = {2018},
  doi     = {10.1063/1.5029879}
}`,
  behler2007: `@article{behler2007,
  author  = {Behler, J{\\"o}rg and Parrinello, Michele},
  title   = {Generalized neural-network representation of high-dimensional potential-energy surfaces},
  journal = {Physical Review Letters},
  volume  = {98},
  pages   = {146401},
  year    = {2007},
  doi     = {10.1103/PhysRevLett.98.146401}
}`,
  dapprich1999: `@article{dapprich1999,
  author  = {Dapprich, Stefan and Kom{\\'a}romi, Istv{\\'a}n and Byun, K. Suzie and Morokuma, Keiji and Frisch, Michael J.},
  title   = {A new {ONIOM} implementation in {Gaussian98}. {Part I}. {The} calculation of energies, gradients, vibrational frequencies and electric field derivatives},
  journal = {Journal of Molecular Structure: THEOCHEM},
  volume  = {461--462},
  pages   = {1--21},
  year    = {1999},
  doi     = {10.1016/S0166-1280(98)00475-8}
}`,
  jacobsen1996: `@article{jacobsen1996,
  author  = {Jacobsen, Karsten W. and Stoltze, Per and N{\\o}rskov, Jens K.},
  title   = {A semi-empirical effective medium theory for metals and alloys},
  journal = {Surface Science},
  volume  = {366},
  pages   = {394--402},
  year    = {1996},
  doi     = {10.1016/0039-6028(96)00816-3}
}`,
  bannwarth2019: `@article{bannwarth2019,
  author  = {Bannwarth, Christoph and Ehlert, Sebastian and Grimme, Stefan},
  title   = {{GFN2-xTB} -- an accurate and broadly parametrized self-consistent tight-binding quantum chemical method with multipole electrostatics and density-dependent dispersion contributions},
  journal = {Journal of Chemical Theory and Computation},
  volume  = {15},
  pages   = {1652--1671},
  year    = {2019},
  doi     = {10.1021/acs.jctc.8b01176}
}`,
  grimme2017: `@article{grimme2017,
  author  = {Grimme, Stefan and Bannwarth, Christoph and Shushkov, Philip},
  title   = {A robust and accurate tight-binding quantum chemical method for structures, vibrational frequencies, and noncovalent interactions of large molecular systems parametrized for all spd-block elements ({Z} = 1--86)},
  journal = {Journal of Chemical Theory and Computation},
  volume  = {13},
  pages   = {1989--2009},
  year    = {2017},
  doi     = {10.1021/acs.jctc.7b00118}
}`,
  larsen2017: `@article{larsen2017,
  author  = {Larsen, Ask Hjorth and others},
  title   = {The atomic simulation environment -- a {Python} library for working with atoms},
  journal = {Journal of Physics: Condensed Matter},
  volume  = {29},
  pages   = {273002},
  year    = {2017},
  doi     = {10.1088/1361-648X/aa680e}
}`,
} as const;

/** Key of an entry. */
export type Citation = keyof typeof ENTRIES;

/** The entries of a text's citations, `[@zhang2018]`, each once, in the order of the first. */
export function bibliography(text: string): string {
  const keys = [...new Set(Array.from(text.matchAll(/@(\w+)/g), (m) => m[1]))];
  return keys
    .filter((key): key is Citation => Object.hasOwn(ENTRIES, key))
    .map((key) => ENTRIES[key])
    .join("\n\n");
}
