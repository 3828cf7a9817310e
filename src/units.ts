/**
 * Units inside qmml: energies in eV, lengths in Å, masses in amu, charges in e; stress in eV/Å³.
 * Everything else is converted at the border, with these constants (CODATA 2014, as ASE's default).
 */

/** Å per Bohr radius. */
export const BOHR = 0.5291772105638411;

/** eV per Hartree. */
export const HARTREE = 27.211386024367243;

/** GPa per eV/Å³. */
export const GPA_PER_EV_A3 = 160.21766208;
