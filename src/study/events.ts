/**
 * The journal's vocabulary: everything that happens in a study is one of these events, committed before the study goes on.
 * Large arrays of an event stand beside it by name, in the order of the structure's atoms.
 */

import type { FailureKind } from "../qm/ladder.ts";

/** full-qm: all atoms by QM. frozen: the hybrid without retraining. retrained: with. committee: one relaxation on the mean of the members. */
export type Scheme = "full-qm" | "frozen" | "retrained" | "committee";

/** What a QM calculation may take and give: no result depends on it, only which there are. A study may go on with others. */
export interface Limits {
  /** s; null: any. */
  readonly timeout: number | null;
  /** eV/Å. */
  readonly maxForce: number;
}

/** The payload of each kind of event. */
export interface Payloads {
  "study-started": {
    name: string;
    formula: string;
    atoms: number;
    /** Atoms of S in Q; link hydrogens are counted apart. */
    clusterAtoms: number;
    linkAtoms: number;
    coreAtoms: number;
    /** Of S and of Q: total charge in e and spin multiplicity, null where nothing was said. */
    charge: number;
    multiplicity: number | null;
    clusterCharge: number;
    clusterMultiplicity: number;
    engine: string;
    settings: string;
    versions: Record<string, string>;
    /** Old journals do not say. */
    limits?: Limits;
  };
  /**
   * Whether the models' lattice is QM's, before anything hybrid is relaxed. Where it was compared: of which crystal, the lattice constant of the
   * structure's own spacing, QM's (Å) and its bulk modulus (GPa), and hashes of the QM images; of each model the same, and how far QM's energy at the
   * model's lattice constant is above its least (eV/atom), null where the model has no minimum near QM's. `factors`: what lengths are multiplied
   * by before each model sees them, where the study rescales.
   */
  gate: {
    status: "passed" | "failed" | "not applicable" | "off";
    sentence: string;
    element?: string;
    crystal?: "fcc" | "bcc";
    a?: number;
    aQm?: number;
    bulkModulusQm?: number;
    models: { member: number; a: number | null; bulkModulus: number | null; energyError: number | null }[];
    factors?: number[];
    images: string[];
  };
  /** One for each image of the pre-training set (`image` counts them); array `positions`. */
  pretraining: { hash: string; recipe: string; numbers: number[]; seconds: number };
  /**
   * `atoms`: how many it is of; old journals do not say. Reasons, after `step 3: ` where a step asks:
   *   pre-training: …               an image that all models learn before the first step
   *   lattice gate: …               a strained crystal, against which the models' lattice is held
   *   first image                   of a relaxation
   *   the QM cluster moved          every further step of a hybrid: each of its energies and forces has QM in it
   *   the structure moved           every further step of full QM
   *   Cu12 is 0.3 half-ranges …     a model would be asked for what its set has not seen
   *   the models differ by …        so do `the model differs from the others by …`: it is uncertain
   *   comparison: …                 how far a converged relaxation is from full QM's own minimum
   *   retry: …                      another attempt at what failed, and what is different this time
   */
  "qm-requested": { hash: string; reason: string; atoms?: number };
  /**
   * `reused`: the journal had this image already, so that each is counted once; or, with `from`, a store that studies share had it.
   * `seconds` are those of the calculation, whoever asked first. `attempt` counts from 1; `settings` where a later one gave it by others than
   * were asked for. `start`: hash of the image from whose density it was begun. Of one calculated now: largest memory of the engine's process in
   * bytes, machine, the engine's version.
   */
  "qm-finished": {
    hash: string;
    reason: string;
    energy: number;
    seconds: number;
    reused: boolean;
    from?: "store";
    attempt?: number;
    settings?: string;
    start?: string;
    peakMemory?: number;
    node?: string;
    version?: string;
  };
  /**
   * An attempt that gave nothing. `next`: what is tried then, as the end of "with"; null where nothing is left: there will be no such image, and
   * nothing learns of it. `kind` null: the engine is gone, the study ends. Old journals have the message alone.
   */
  "qm-failed": { hash: string; message: string; attempt?: number; kind?: FailureKind | null; next?: string | null };
  /**
   * One for each member after pre-training (`scheme`, `step` and `image` null), then one for each member and QM image, also when nothing was to be done
   * (evaluations 0). Arrays: `curve` [K,5] = evaluations, seconds, loss, energy RMSE (eV/atom), force RMSE (eV/Å); `model` = weights, if they changed.
   */
  training: {
    loss: number;
    /** RMSE over the member's set: eV/atom, eV/Å. */
    energyRmse: number;
    forceRmse: number;
    /** The new image's own errors before and after: eV/atom, eV/Å. */
    before: { energy: number; force: number } | null;
    after: { energy: number; force: number } | null;
    /** Furthest fingerprint outside the trained range, in half-ranges. */
    novelty: number | null;
    evaluations: number;
    seconds: number;
    converged: boolean;
  };
  /** Arrays: `positions` [3N] Å, `forces` [3N] eV/Å on the scheme's own surface. Where retraining moved the
   * surface since the step before, that step's geometry on the new one: `previousEnergy` (eV) and the array `previousForces`.
   * Of a scheme with models, each [3N] eV/Å: `qmForces` and `mlForces`, what QM and the models (the mean of a committee) say of the QM
   * cluster alone, NaN outside it; `forcesSigma`, where it had to be known: the standard deviation over a committee of each component, or how
   * far it is from the mean of the other pre-trained models.
   * `seconds` are those of the hybrid's own evaluation, QM and training apart. `sigma`: standard deviation of the energy over a committee, eV.
   * `alone`: there is no QM in it, energy and forces are the models' own.
   */
  step: {
    energy: number;
    previousEnergy: number | null;
    fmax: number;
    sigma: number | null;
    converged: boolean;
    seconds: number;
    alone?: true;
  };
  "region-changed": { atoms: number[] };
  /** A step that was not taken as the optimizer wanted it; place: the step that was shortened. Array: `positions` that were wanted, where they end it. */
  rewound: { message: string };
  /** A finished relaxation against full QM's own minimum; its calls are counted apart. Array `positions`: the scheme continued to fmax 0.01. */
  verified: { converged: boolean; energy: number; energyError: number | null; coreRmsd: number | null; qmCalls: number; qmSeconds: number };
  /** The workers of a cluster that a process of the study has found, and where a browser sees what its scheduler does. */
  cluster: { message: string; dashboard: string };
  /** `stopped`: the guard has ended a relaxation there. */
  warning: { message: string; stopped?: true };
  stopped: { message: string };
  /** `limits`: those that hold from here on, where they are others than before. */
  resumed: { message: string; limits?: Limits };
  /** Of a scheme: that relaxation ends, the study goes on. Of none: the study ends, and when it goes on asks again for what it failed for. */
  failed: { message: string };
  /** Wall s of all the processes that worked at it. */
  "study-finished": { seconds: number };
}

export type EventKind = keyof Payloads;

/** Where an event belongs; null where it does not apply. `member`, `step` and `image` count from 0; `image` the QM images of a relaxation. */
export interface Place {
  readonly scheme: Scheme | null;
  readonly member: number | null;
  readonly step: number | null;
  readonly image: number | null;
}

/** What an algorithm yields: a kind, its place, its payload and its arrays. */
export type Happening = {
  [K in EventKind]: Partial<Place> & {
    readonly kind: K;
    readonly payload: Payloads[K];
    readonly arrays?: Readonly<Record<string, Float64Array>>;
  };
}[EventKind];

/** A committed event. */
export type StudyEvent = {
  [K in EventKind]: Place & {
    readonly sequence: number /** Unix time, s. */;
    readonly time: number;
    readonly kind: K;
    readonly payload: Payloads[K];
  };
}[EventKind];
