/** `qmml run`: a study file becomes a folder and a process; the terminal only watches. */
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { studyTable } from "../display/study.ts";
import { checkEngine } from "../ensemble/trainingEngine.ts";
import { calculations } from "../history/calls.ts";
import { summarize } from "../history/summary.ts";
import { verdictOf } from "../history/verdict.ts";
import { cut } from "../hybrid/carve.ts";
import { formatExtxyz } from "../io/extxyz.ts";
import { writeWhole } from "../io/whole.ts";
import { checkedCluster } from "../qm/cluster.ts";
import type { QmEngine } from "../qm/engine.ts";
import { hasElectrons, openEngine } from "../qm/engines.ts";
import { openStore } from "../qm/store.ts";
import { formula, type Structure, symbols } from "../structure/structure.ts";
import type { Scheme } from "../study/events.ts";
import { makeFolder, readStudy, withStudy } from "../study/folder.ts";
import { GATE_CALLS } from "../study/gate.ts";
import { type Plan, plan } from "../study/plan.ts";
import type { Study } from "../study/studyFile.ts";
import { stops } from "./accounts.ts";
import { attach, launchDetached, unfinished } from "./attach.ts";
import { type Command, command as defined, type Io, type Outcome, whole } from "./command.ts";

/** Steps that a relaxation takes, for want of better knowledge: study A takes 8 to 16. */
const USUAL_STEPS = 12;

export const command: Command = defined({
  usage: "STUDY.json --out DIR [--dry-run] [--detach] [--threads N] [--store DIR] [--cluster ADDRESS]",
  positionals: ["study"],
  options: {
    out: { type: "string", value: "DIR", help: "the study's folder; where it holds this study already, the study goes on" },
    "dry-run": {
      type: "boolean",
      help: "calculate nothing big: write the QM cluster to DIR/cluster.xyz, list cut bonds, estimate calls and minutes",
    },
    detach: { type: "boolean", help: "start the study and return" },
    threads: { type: "string", value: "N", help: "threads for trainings and for predictions of large structures (default: all cores)" },
    store: {
      type: "string",
      value: "DIR",
      help: "QM images shared between studies: asked before the engine is, given copies; made where there is none (default: none)",
    },
    cluster: {
      type: "string",
      value: "ADDRESS",
      help: "Dask workers that calculate and train: local:N for N on this machine, or tcp://host:port of a scheduler (default: none)",
    },
  },
  input: z.object({
    study: z.string(),
    out: z.string("give a folder, e.g. --out studies/a"),
    dryRun: z.boolean().default(false),
    detach: z.boolean().default(false),
    threads: whole(1).default(availableParallelism()),
    store: z
      .string()
      .transform((dir) => resolve(dir))
      .optional(),
    cluster: z.string().optional(),
  }),
  async run({ study: path, out, dryRun, detach, threads, store, cluster }, io) {
    const study = await readStudy(path);
    if (cluster !== undefined) checkedCluster(cluster, study.file.qm);
    const planned = plan(study);
    await checkEngine(study.file.engine);
    const engine = await openEngine(study.file.qm, { signal: io.signal });
    try {
      if (study.file.schemes.includes("full-qm")) engine.accepts(study.structure);
      for (const s of [cut(study.structure, planned.cluster), ...planned.set.map((r) => r.structure)]) engine.accepts(s);
      if (dryRun) {
        await mkdir(out, { recursive: true });
        return await estimate(study, planned, engine, out, io);
      }
    } finally {
      await engine.close();
    }
    // One that cannot be used is said now, not in the study's log.
    if (store !== undefined) openStore(store).close();
    await makeFolder(out, study);
    if (detach) {
      await launchDetached(out, { threads, store, cluster });
      io.print(`running; qmml status ${out} shows how far, qmml stop ${out} ends it`);
      return { json: { out, state: "running" } };
    }
    const history = await attach(out, { threads, store, cluster }, io);
    io.print(studyTable(history));
    return withStudy(out, ({ events }) => {
      for (const line of stops(events, out)) io.print(line);
      const json = { ...summarize(events), verdict: verdictOf(history), calls: calculations(events) };
      return { json, failure: unfinished(history) };
    });
  },
});

/** What the study will do: one QM call on the cluster and one on all atoms are timed, the rest is arithmetic. */
async function estimate(
  study: Study,
  { cluster, architecture, set, gate, warnings }: Plan,
  qm: QmEngine,
  out: string,
  io: Io,
): Promise<Outcome> {
  const { file, structure } = study;
  const q = cut(structure, cluster);
  const path = join(out, "cluster.xyz");
  await writeWhole(path, formatExtxyz([{ structure: q }]));
  const timed = async (s: typeof structure): Promise<number> => {
    const began = performance.now();
    const { seconds = (performance.now() - began) / 1000 } = await qm.calculate(s, ["energy", "forces"], io.signal);
    return seconds;
  };
  const [clusterSeconds, allSeconds] = [await timed(q), file.schemes.includes("full-qm") ? await timed(structure) : 0];
  const relaxations: Readonly<Record<Scheme, number>> = { "full-qm": 0, frozen: file.members, retrained: file.members, committee: 1 };
  const hybrids = file.schemes.reduce((sum, scheme) => sum + relaxations[scheme], 0);
  const clusterCalls = set.length + hybrids * USUAL_STEPS;
  const fullCalls = file.schemes.includes("full-qm") ? USUAL_STEPS : 0;
  const comparisons = file.verify && fullCalls > 0 ? hybrids + USUAL_STEPS : 0;
  const bulkCalls = gate && "crystal" in gate ? GATE_CALLS : 0;
  const minutes = ((clusterCalls + bulkCalls) * clusterSeconds + (fullCalls + comparisons) * allSeconds) / 60;
  const bonds = cluster.links.map(({ inside, outside }) => ({ inside, outside }));
  const names = symbols(structure);
  const known = hasElectrons(file.qm);
  const stateOf = (s: Structure): string => (known ? `, charge ${electronic(s).charge}, multiplicity ${electronic(s).multiplicity}` : "");
  io.print(
    `${study.name}: ${formula(structure)}${stateOf(structure)}; core ${cluster.core.length} atoms, QM cluster ${formula(q)}${stateOf(q)}, written to ${path}`,
  );
  io.print(
    `QM engine ${qm.name}: ${clusterSeconds.toFixed(3)} s a call on the cluster${allSeconds ? `, ${allSeconds.toFixed(3)} s on all atoms` : ""}`,
  );
  io.print(`cutoff ${architecture.descriptors.cutoff} Å, ${set.length} images to pre-train on`);
  io.print(
    `about ${clusterCalls} calls on the cluster, ${fullCalls} on all atoms, ${bulkCalls} on bulk cells for the lattice gate and ${comparisons} to compare: ${minutes < 0.1 ? "less than 0.1" : minutes.toFixed(1)} minutes of QM, training apart`,
  );
  io.print(
    bonds.length === 0
      ? "no covalent bond is cut"
      : `covalent bonds cut, a hydrogen on each: ${bonds.map((b) => `${names[b.inside]}${b.inside}-${names[b.outside]}${b.outside}`).join(", ")}`,
  );
  for (const w of warnings) io.print(`warning: ${w}`);
  return {
    json: {
      cluster: path,
      clusterAtoms: cluster.atoms,
      core: cluster.core,
      clusterFormula: formula(q),
      state: known ? { structure: electronic(structure), cluster: electronic(q) } : null,
      cutBonds: bonds,
      qmCalls: { cluster: clusterCalls, lattice: bulkCalls, full: fullCalls, comparison: comparisons },
      qmMinutes: minutes,
      warnings,
    },
  };
}

/** Charge and spin as they go into the QM calculation. */
function electronic({ charge = 0, multiplicity = 1 }: Structure): { charge: number; multiplicity: number } {
  return { charge, multiplicity };
}
