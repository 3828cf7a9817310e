/**
 * A study from closed forms: no calculation, no journal on disk, but the events of one (`realStudy.test.ts` reads a real one).
 * Deterministic, asymmetric in every index.
 */

import { fattyAcid } from "../../src/structure/fattyAcid.ts";
import { type Structure, structure } from "../../src/structure/structure.ts";
import type { Happening, Scheme, StudyEvent } from "../../src/study/events.ts";
import type { StudyRecord } from "../../src/study/folder.ts";
import type { StudyFile } from "../../src/study/studyFile.ts";

export interface FixtureOptions {
  readonly name?: string;
  readonly members?: number;
  readonly engine?: string;
  readonly warning?: string;
  /** Where the study is: nothing committed, cut off in the middle, ended by an error, ended. */
  readonly until?: "empty" | "middle" | "failed" | "finished";
  /** Layers of the slab and atoms along its sides. */
  readonly size?: readonly [number, number, number];
  /** Instead of the slab lauric acid, whose chain the boundary cuts, with a committee besides the other schemes. */
  readonly acid?: boolean;
}

/** Steps of member m of a scheme. */
export function stepsOf(scheme: Scheme, m: number): number {
  return scheme === "full-qm" ? 8 : scheme === "frozen" ? 7 + (m % 3) : scheme === "committee" ? 9 : 8 + (m % 2);
}

/** The committee's step that asks for two more images, the first of which makes it go back. */
export const TROUBLE = 3;

/** Images of a relaxation at step k, in order. */
function imagesAt(scheme: Scheme, k: number): number[] {
  if (scheme !== "committee" || k < TROUBLE) return [k];
  return k === TROUBLE ? [k, k + 1, k + 2] : [k + 2];
}

/** Spread of the committee at step k, eV. */
export function sigmaAt(k: number): number {
  return 0.05 * Math.exp(-0.3 * k);
}

/** Energy at step k, eV; each member has its own zero. */
export function energyAt(scheme: Scheme, m: number, k: number): number {
  const zero = scheme === "full-qm" ? 0 : 0.31 * (m - 4.5) + (scheme === "frozen" ? 1.7 : 0.2);
  return 71.5 + zero + (0.9 + 0.02 * m) * Math.exp(-(0.62 + 0.013 * m) * k) * Math.cos(0.5 * k) ** 2;
}

/** Largest force at step k, eV/Å. */
export function fmaxAt(scheme: Scheme, m: number, k: number): number {
  const n = stepsOf(scheme, m);
  return 1.9 * (0.046 / 1.9) ** (k / n) * (1 + 0.25 * Math.sin(1.7 * k + m) * (k > 0 && k < n ? 1 : 0));
}

/** How far retraining before step k moves the surface under the geometry of step k - 1, eV; null where it does not. */
export function shiftAt(scheme: Scheme, m: number, k: number): number | null {
  return (scheme === "retrained" || scheme === "committee") && k > 0 && evaluationsAt(m, k) > 0 ? 0.04 * Math.sin(2 * k + 3 * m) : null;
}

/** Evaluations that image k costs member m. */
export function evaluationsAt(m: number, k: number): number {
  return Math.max(0, Math.round(22 * Math.exp(-0.55 * k) * (1 + 0.4 * Math.sin(3 * m + k))) - 1);
}

/** [K,5] as the journal stores it: one row where nothing was to be done, otherwise the start and what follows each step. */
function curve(evaluations: number, from: number, tolerance: readonly [number, number], m: number): Float64Array {
  if (evaluations === 0) return Float64Array.of(0, 0.001, 0.5, 0.5 * tolerance[0], 0.6 * tolerance[1]);
  const rows = Array.from({ length: evaluations }, (_, k) => {
    const t = evaluations === 1 ? 1 : k / (evaluations - 1);
    const fall = from ** (1 - t) * (0.9 - 0.01 * m) ** t;
    const wave = 1 + 0.12 * Math.sin(2 * k + m) * (1 - t);
    return [k + 1, 0.011 * (k + 1), fall ** 2, tolerance[0] * fall * wave, tolerance[1] * fall * wave];
  });
  return Float64Array.from(rows.flat());
}

/** A record of such a study. */
export function fixture(options: FixtureOptions = {}): StudyRecord {
  const { name = "cu100-n", members = 10, engine = "emt", until = "finished", size = [6, 6, 4], acid = false } = options;
  const events: StudyEvent[] = [];
  const arrays = new Map<string, Float64Array>();
  const file: StudyFile = {
    structure: "start.xyz",
    core: { within: 2.6, of: "N" },
    qm: { engine },
    buffer: acid ? { bonds: 1 } : 5.2,
    links: "length",
    wholeMolecules: false,
    schemes: ["full-qm", "frozen", "retrained", ...(acid ? ["committee" as const] : [])],
    members,
    seed: 1,
    tolerance: { energy: 0.001, force: 0.02 },
    optimizer: { name: "bfgs", fmax: 0.05, maxSteps: 200 },
    model: { hidden: [10, 10], training: "levenberg-marquardt" },
    pretraining: { images: "auto", selection: "listed", rattled: 10, pieces: 10, strained: 4, without: [] },
    boundaryForces: true,
    engine: "wasm",
    lattice: "warn",
    verify: true,
    maxForce: 100,
    onFailure: "rewind",
  };
  const { start, core, cluster } = acid ? chain() : slab(size);
  const moved = (k: number, m: number): Float64Array => {
    const positions = start.positions.slice();
    for (const i of cluster) positions[3 * i + 2] -= 0.01 * (i % 5) * (1 - Math.exp(-k)) + 0.001 * m;
    positions[(acid ? 3 : positions.length / 3 - 1) * 3 + 2] -= 0.75 * (1 - Math.exp(-0.6 * k));
    return positions;
  };
  /** Forces of both levels on Q, and the spread of a committee. */
  const levels = (scheme: Scheme, m: number, k: number): Record<string, Float64Array> => {
    const on = (value: (i: number) => number): Float64Array => {
      const forces = new Float64Array(start.positions.length).fill(Number.NaN);
      for (const i of cluster) for (let c = 0; c < 3; c++) forces[3 * i + c] = value(3 * i + c);
      return forces;
    };
    if (scheme === "full-qm") return {};
    return {
      qmForces: on((j) => Math.sin(j) * Math.exp(-0.4 * k)),
      mlForces: on((j) => Math.sin(j) * Math.exp(-0.4 * k) + 0.03 * Math.cos(2 * j + m)),
      ...(scheme === "committee" && { forcesSigma: start.positions.map((_, j) => sigmaAt(k) * Math.sin(j) ** 2) }),
    };
  };
  const say = ({ arrays: given = {}, ...h }: Happening): void => {
    const sequence = events.length + 1;
    for (const [name, data] of Object.entries(given)) arrays.set(`${sequence} ${name}`, data);
    const nowhere = { scheme: null, member: null, step: null, image: null };
    events.push({ ...nowhere, ...h, sequence, time: 1.76e9 + 0.25 * sequence } as StudyEvent);
  };
  const run = (): void => {
    if (until === "empty") return;
    const versions = { qmml: "0.1.0", node: "22.23.3" };
    say({
      kind: "study-started",
      payload: {
        name,
        formula: acid ? "C12H24O2" : "Cu144N",
        atoms: start.numbers.length,
        clusterAtoms: cluster.length,
        linkAtoms: acid ? 1 : 0,
        coreAtoms: core.length,
        charge: 0,
        multiplicity: acid ? 1 : null,
        clusterCharge: 0,
        clusterMultiplicity: 1,
        engine,
        settings: engine,
        versions,
      },
    });
    say({
      kind: "gate",
      payload: acid
        ? { status: "not applicable", sentence: "no lattice constants to compare: there is no fcc or bcc metal", models: [], images: [] }
        : {
            status: "passed",
            sentence:
              "QM's lattice constant of fcc Cu is 3.5898 Å, the models' from 3.5884 to 3.5911 Å; there QM's energy is up to 0.0092 meV/atom above its least, within the tolerance of 1 meV/atom",
            element: "Cu",
            crystal: "fcc",
            a: 3.5898,
            aQm: 3.5898,
            bulkModulusQm: 134.5,
            models: Array.from({ length: members }, (_, m) => ({
              member: m,
              a: 3.5884 + 0.0003 * m,
              bulkModulus: 133 + 0.4 * m,
              energyError: 5.4e-7 * (m - 4.6) ** 2,
            })),
            images: [-2, -1, 0, 1, 2].map((k) => `gate-${k}`),
          },
    });
    for (let k = 0; k < 24; k++) {
      say({
        kind: "pretraining",
        image: k,
        payload: { hash: `set-${k}`, recipe: k < 10 ? "rattled" : "piece", numbers: [29], seconds: 0.021 + 0.001 * k },
      });
    }
    for (let m = 0; m < members; m++) {
      const evaluations = 14 + ((7 * m) % 11);
      say({
        kind: "training",
        member: m,
        payload: {
          loss: 0.9,
          energyRmse: 0.0008,
          forceRmse: 0.018,
          before: null,
          after: null,
          novelty: null,
          evaluations,
          seconds: 0.4 * evaluations,
          converged: true,
        },
        arrays: { curve: curve(evaluations, 180 + 20 * m, [0.001, 0.02], m) },
      });
    }
    say({ kind: "warning", payload: { message: options.warning ?? "The QM cluster comes within 2.54 Å of its own periodic image." } });
    for (const scheme of file.schemes) {
      const alone = scheme === "full-qm" || scheme === "committee";
      const learners = scheme === "committee" ? Array.from({ length: members }, (_, m) => m) : scheme === "retrained" ? [-1] : [];
      for (let m = 0; m < (alone ? 1 : members); m++) {
        const at = { scheme, member: alone ? null : m };
        const n = stepsOf(scheme, m);
        for (let k = 0; k <= n; k++) {
          if (until !== "finished" && scheme === "retrained" && m === Math.min(3, members - 1) && k === 4) {
            if (until === "failed") say({ kind: "failed", payload: { message: "the disk is full" } });
            return;
          }
          for (const [again, image] of imagesAt(scheme, k).entries()) {
            const whose = scheme === "full-qm" || k > 0 ? `${scheme}-${m}` : "start";
            const hash = `${scheme === "full-qm" ? "full" : "q"}-${whose}-${image}`;
            const reused = scheme !== "full-qm" && k === 0 && (m > 0 || scheme === "retrained" || scheme === "committee");
            const reason = again === 0 ? `${scheme}: hybrid forces` : `step ${k}: C${6 + again} is 1.${again} half-ranges outside`;
            say({ kind: "qm-requested", ...at, step: k, image, payload: { hash, reason } });
            say({
              kind: "qm-finished",
              ...at,
              step: k,
              image,
              payload: { hash, reason, energy: -3, seconds: (scheme === "full-qm" ? 0.31 : 0.043) + 0.002 * image, reused },
            });
            for (const learner of learners) {
              const who = learner < 0 ? m : learner;
              const evaluations = evaluationsAt(who, image);
              const payload = {
                loss: 0.8,
                energyRmse: 0.0009,
                forceRmse: 0.019,
                before: { energy: 0.002, force: 0.1 },
                after: { energy: 0.0009, force: 0.018 },
                novelty: 1.5 - 0.1 * image,
                evaluations,
                seconds: 0.4 * evaluations,
                converged: !(who === 2 && image === 0),
              };
              const arrays = { curve: curve(evaluations, 1 + 9 / (image + 1), [0.001, 0.02], who) };
              say({ kind: "training", scheme, member: who, step: k, image, payload, arrays });
            }
            if (again === 1) say({ kind: "rewound", ...at, step: k, payload: { message: `step ${k} is shortened: H3 and O1 would fuse` } });
          }
          const shift = shiftAt(scheme, m, k);
          const energy = energyAt(scheme, m, k);
          const previousEnergy = shift === null ? null : energyAt(scheme, m, k - 1) + shift;
          const converged = k === n && !(scheme === "frozen" && m === 6);
          const sigma = scheme === "committee" ? sigmaAt(k) : null;
          say({
            kind: "step",
            ...at,
            step: k,
            payload: { energy, previousEnergy, fmax: fmaxAt(scheme, m, k), sigma, converged, seconds: 0.3 },
            arrays: { positions: moved(k, m), forces: new Float64Array(start.positions.length), ...levels(scheme, m, k) },
          });
        }
        if (scheme === "frozen" && m === 8) say({ kind: "failed", ...at, payload: { message: "the forces exceed 1000 eV/Å" } });
        else {
          const energyError = scheme === "full-qm" ? 0.0067 : scheme === "frozen" ? 0.0055 + 0.02 * (m % 4) : 0.0041 + 0.0009 * m;
          const coreRmsd = scheme === "full-qm" ? 0 : 0.004 + 0.0031 * m + (scheme === "frozen" ? 0.02 : 0);
          say({
            kind: "verified",
            ...at,
            payload: { converged: true, energy: 71.51, energyError, coreRmsd, qmCalls: 5 + m, qmSeconds: 1.5 + 0.1 * m },
          });
        }
      }
    }
    say({ kind: "study-finished", payload: { seconds: 312 } });
  };
  run();
  return { file, structure: start, core, cluster, events, array: (sequence, name) => arrays.get(`${sequence} ${name}`) };
}

interface Regions {
  readonly start: Structure;
  readonly core: Uint32Array;
  readonly cluster: Uint32Array;
}

/** COOH and three CH2 in the core, one more CH2 as buffer. */
function chain(): Regions {
  return {
    start: fattyAcid(12, { torsion: 60 }),
    core: Uint32Array.from({ length: 13 }, (_, i) => i),
    cluster: Uint32Array.from({ length: 16 }, (_, i) => i),
  };
}

function slab([nx, ny, nz]: readonly [number, number, number]): Regions {
  const d = 3.5898 / Math.SQRT2;
  const rows: number[][] = [];
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++) rows.push([(x + (z % 2 ? 0 : 0.5)) * d, (y + (z % 2 ? 0 : 0.5)) * d, 8 + (z * d) / Math.SQRT2]);
  const top = rows.length - 1;
  const hollow = [Math.floor(nx / 2) * d + (nz % 2 ? 0 : d / 2), Math.floor(ny / 2) * d + (nz % 2 ? 0 : d / 2), rows[top][2] + 1.4];
  rows.push(hollow);
  const near = (limit: number): Uint32Array =>
    Uint32Array.from(rows.flatMap((r, i) => (Math.hypot(r[0] - hollow[0], r[1] - hollow[1], r[2] - hollow[2]) < limit ? [i] : [])));
  const start = structure({
    symbols: rows.map((_, i) => (i === rows.length - 1 ? "N" : "Cu")),
    positions: rows,
    cell: [nx * d, ny * d, 30],
    pbc: [true, true, false],
    fixed: rows.map((_, i) => i < nx * ny),
  });
  return { start, core: near(2.6), cluster: near(6.2) };
}
