/**
 * What a study did as a paragraph for the supporting information of a paper: everything that somebody needs who wants to repeat it, from the
 * journal and the study file, with citations as keys of the BibTeX entries below it.
 */
import type { AboutRow } from "../history/about.ts";
import type { History } from "../history/history.ts";
import type { Scheme } from "../study/events.ts";
import type { Plan } from "../study/plan.ts";
import { BEYOND_CUTOFF } from "../study/pretrainingRecipes.ts";
import type { StudyFile } from "../study/studyFile.ts";
import { allCalls, callsInFull } from "./calls.ts";
import { counted, duration, fixed } from "./numbers.ts";
import { ENGINE_WORDS, optionWords } from "./qmEngines.ts";
import { bibliography, type Citation } from "./references.ts";
import { bufferWords, clusterWords, schemeName, stateWords } from "./words.ts";

/** A paragraph and the BibTeX entries that it cites as `[@key]`. */
export interface Methods {
  readonly paragraph: string;
  readonly bibtex: string;
}

/**
 * The paragraph of a study. One that is not finished says so.
 * @param architecture of the study's models
 */
export function methodsOf(h: History, architecture: Plan["architecture"]): Methods {
  const file = JSON.parse(h.about.settings) as StudyFile;
  const hybrid = file.schemes.some((s) => s !== "full-qm");
  const sentences = [
    programs(h.about),
    system(h.about, file),
    engine(h.about, file),
    ...(hybrid ? [models(h, file, architecture)] : []),
    ...lattices(h, file),
    relaxations(file),
    ...file.schemes.map((s) => SCHEME[s]),
    ...pieces(h),
    counts(h, file),
  ];
  const paragraph = sentences.join(" ");
  return { paragraph, bibtex: bibliography(paragraph) };
}

/** What each scheme is, in one sentence. */
const SCHEME: Record<Scheme, string> = {
  "full-qm": "In the full-QM relaxation all atoms were calculated by the QM engine.",
  frozen: "In the frozen scheme each model relaxed the structure on its own hybrid surface and learnt nothing on the way.",
  retrained:
    "In the retrained scheme each model relaxed the structure independently; at each step the QM image of Q was added to its set, and the model " +
    "was trained further, from where it stood, if it was outside the tolerance on that image or on its set; where that moved the surface, the previous " +
    "geometry was evaluated again for the optimizer.",
  committee:
    "In the committee scheme one relaxation went along the mean of all models' hybrid forces, and all models were retrained on its QM images as " +
    "above. The standard deviation over the models of the hybrid energy was recorded at each step; it includes the differences between the models' " +
    "zeros of energy and is no error bar. That of the forces served to find atoms of which the models knew too little.",
};

const TRAINING: Record<StudyFile["model"]["training"], string> = {
  bfgs: "BFGS",
  kalman: "an extended Kalman filter",
  "levenberg-marquardt": "the Levenberg-Marquardt method",
};

/** How a pre-training set was chosen that was not listed. */
const CHOICE: Readonly<Partial<Record<StudyFile["pretraining"]["selection"], string>>> = {
  farthest:
    ", chosen from a longer list of such structures kind by kind, each time the one with the atom furthest in scaled fingerprints from all atoms " +
    `chosen before ${cited("gonzalez1985")}`,
  random: ", drawn by chance from a longer list of such structures",
};

function cited(...keys: readonly Citation[]): string {
  return `[${keys.map((k) => `@${k}`).join("; ")}]`;
}

function programs({ versions }: AboutRow): string {
  const { qmml = "unknown", node } = JSON.parse(versions) as Record<string, string | undefined>;
  return (
    `Hybrid calculations of quantum mechanics and machine learning were made with qmml ${qmml}${node ? ` on Node.js ${node}` : ""}, after ` +
    `the method of Zhang et al. ${cited("zhang2018")}: the energy of the structure S is E(S) = E_ML(S) + E_QM(Q) - E_ML(Q), Q being the QM ` +
    "cluster, and forces are its exact derivatives."
  );
}

function system(a: AboutRow, file: StudyFile): string {
  const repeats = a.pbc.includes("T") ? `periodic along ${[..."abc"].filter((_, k) => a.pbc[k] === "T").join(", ")}` : "not periodic";
  const state = stateWords(a.engine, a.charge, a.multiplicity);
  const clusterState = stateWords(a.engine, a.clusterCharge, a.clusterMultiplicity);
  const place =
    file.links === "length"
      ? "at a fixed length from the atom inside"
      : `at a fixed ratio of the bond's length from the atom inside ${cited("dapprich1999")}`;
  const links = a.linkAtoms > 0 ? ` Each cut bond carried a link hydrogen ${place}.` : "";
  return (
    `S was ${a.formula === "" ? "a structure" : a.formula}, ${counted(a.atoms, "atom")}, ${repeats}${state === "" ? "" : `, ${state}`}; ` +
    `${clusterWords(a)} within ${bufferWords(a)} of the core${clusterState === "" ? "" : `, ${clusterState}`}.${links}`
  );
}

function engine({ engine: name, versions }: AboutRow, { qm }: StudyFile): string {
  const { engine: _, ...given } = qm;
  const known = ENGINE_WORDS[name];
  const asked = { ...known?.options, ...given };
  const version = (JSON.parse(versions) as Record<string, string | undefined>).engine;
  const cite = known?.cite(asked) ?? [];
  const said = known ? optionWords(known, given) : [];
  return (
    `QM energies and forces were those of ${known?.words(asked) ?? name}${version && version !== given.code ? ` (${version})` : ""}` +
    `${cite.length > 0 ? ` ${cited(...cite)}` : ""}${said.length > 0 ? `, with ${said.join(", ")}` : ""}.` +
    `${given.warm === true ? " Each calculation of a relaxation began from the density of the one before." : ""}`
  );
}

function models(h: History, file: StudyFile, { descriptors, hidden }: Plan["architecture"]): string {
  const { about } = h;
  const recipes = callsInFull(h.calls.filter((c) => c.reason.startsWith("pre-training: "))).map(
    ({ images, words }) => `${images} × ${words.slice("pre-training: ".length)}`,
  );
  const made =
    `; clusters round other atoms reach ${fixed(descriptors.cutoff + BEYOND_CUTOFF, 2)} Å; rattled: each coordinate displaced by a normal random ` +
    "number of that standard deviation, in turn where there are two; atoms are counted from 0";
  const without = file.pretraining.without.length > 0 ? `, without ${file.pretraining.without.join(", ")}` : "";
  return (
    `${counted(about.members, "ML potential")} ${about.members === 1 ? "was" : "were"} made of Behler-Parrinello neural networks ` +
    `${cited("behler2007")}, one for each element, with hidden layers of ${hidden.join(" and ")} nodes, on ${descriptors.g2.length} radial symmetry functions an element and ` +
    `${descriptors.g4.length} angular ones a pair of elements, with a ${descriptors.cutoffFunction === "cosine" ? "cosine" : "polynomial"} cutoff at ${descriptors.cutoff} Å. ` +
    `All random numbers came from seed ${about.seed}, the weights of each model from a stream of its own. They were trained by ` +
    `${TRAINING[file.model.training]}${file.engine === "tensorflow" ? ", with gradients in single precision by TensorFlow," : ""} on energies and forces to root mean square errors below ${about.energyTolerance} eV/atom and ` +
    `${about.forceTolerance} eV/Å, first on ${counted(about.pretrainingImages, "QM image")}${without}${recipes.length > 0 ? ` (${recipes.join("; ")}${made})` : ""}${CHOICE[file.pretraining.selection] ?? ""}.${
      file.boundaryForces === false
        ? " Forces on atoms whose surroundings within the cutoff were cut in a QM image, and on link hydrogens, were not learnt."
        : ""
    }`
  );
}

/** What the lattice gate compared, if it did. */
function lattices({ lattice }: History, file: StudyFile): string[] {
  const [qm, ...models] = lattice;
  const constants = models.flatMap((r) => r.a ?? []);
  if (qm === undefined || qm.a === null || constants.length === 0) return [];
  const between = (values: readonly number[], digits: number): string =>
    [...new Set([Math.min(...values), Math.max(...values)].map((v) => v.toFixed(digits)))].join(" to ");
  const highest = 1000 * Math.max(...models.map((r) => r.energyError ?? 0));
  const { a } = qm;
  return [
    `Before the relaxations the lattice constants of the potentials for ${qm.crystal} ${qm.element}, ${between(constants, 4)} Å, were compared with QM's, ` +
      `${a.toFixed(4)} Å by the equation of state of Birch and Murnaghan ${cited("birch1947")} through the energies of five strained cells; there the QM ` +
      `energy was at most ${highest.toPrecision(2)} meV/atom above its least.`,
    ...(constants.length < models.length
      ? [`${counted(models.length - constants.length, "potential")} had no lattice constant near QM's.`]
      : []),
    ...(file.lattice === "rescale"
      ? [
          `Each potential was evaluated with all lengths multiplied by the ratio of its lattice constant to QM's, ${between(
            constants.map((v) => v / a),
            5,
          )}, and its forces by the same.`,
        ]
      : []),
  ];
}

/** The QM images beyond one a step, if there were any. */
function pieces({ messages }: History): string[] {
  const more = messages.filter((m) => m.kind === "qm-requested").length;
  const words =
    `In ${counted(more, "case")} a model was asked for what it had not seen, or the models disagreed; a piece of S round the atom in question ` +
    "was then calculated by QM and learnt as well.";
  return more === 0 ? [] : [words];
}

function relaxations({ optimizer, verify }: StudyFile): string {
  const compared = verify
    ? " For comparison only, each relaxation was continued to 0.01 eV/Å on its own surface, and its end was calculated by full QM."
    : "";
  return `Geometries were relaxed by BFGS until the largest force was below ${optimizer.fmax} eV/Å, in at most ${counted(optimizer.maxSteps, "step")}.${compared}`;
}

function counts({ about, calls, summary }: History, { schemes }: StudyFile): string {
  const reached = schemes.flatMap((scheme) => {
    const own = summary.filter((r) => r.scheme === scheme);
    return own.length === 0 ? [] : [`${schemeName(scheme)} ${own.filter((r) => r.converged).length} of ${own.length}`];
  });
  const { shared, sharedSeconds } = allCalls(calls);
  const words =
    `In all, ${counted(about.qmCalculated, "QM image")} ${about.qmCalculated === 1 ? "was" : "were"} calculated in ${duration(about.qmSeconds)}` +
    `${shared > 0 ? `, and ${shared} taken from a store of earlier studies, where they had needed ${duration(sharedSeconds)}` : ""}` +
    `${reached.length > 0 ? `; relaxations that converged: ${reached.join(", ")}` : ""}.`;
  return about.state === "finished" ? words : `${words} The study is not finished (${about.state}): these numbers are not its last.`;
}
