/** `qmml run`: a study file becomes a folder and a process; the terminal only watches. */
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { calculator } from "../calculators/registry.ts";
import { studyTable } from "../display/study.ts";
import { summarize } from "../history/summary.ts";
import { cut, cutBonds } from "../hybrid/carve.ts";
import { formatExtxyz } from "../io/extxyz.ts";
import { writeWhole } from "../io/whole.ts";
import { formula, symbols } from "../structure/structure.ts";
import { makeFolder, readStudy, withStudy } from "../study/folder.ts";
import { type Plan, plan } from "../study/run.ts";
import type { Study } from "../study/studyFile.ts";
import { attach, launchDetached, unfinished } from "./attach.ts";
import { type Command, command as defined, type Io, type Outcome, whole } from "./command.ts";

/** Steps that a relaxation takes, for want of better knowledge: study A takes 8 to 16. */
const USUAL_STEPS = 12;

export const command: Command = defined({
  usage: "STUDY.json --out DIR [--dry-run] [--detach] [--threads N]",
  positionals: ["study"],
  options: {
    out: { type: "string", value: "DIR", help: "the study's folder; where it holds this study already, the study goes on" },
    "dry-run": {
      type: "boolean",
      help: "calculate nothing big: write the QM cluster to DIR/cluster.xyz, list cut bonds, estimate calls and minutes",
    },
    detach: { type: "boolean", help: "start the study and return" },
    threads: { type: "string", value: "N", help: "models trained at a time (default: all cores)" },
  },
  input: z.object({
    study: z.string(),
    out: z.string("give a folder, e.g. --out studies/a"),
    dryRun: z.boolean().default(false),
    detach: z.boolean().default(false),
    threads: whole(1).default(availableParallelism()),
  }),
  async run({ study: path, out, dryRun, detach, threads }, io) {
    const study = await readStudy(path);
    calculator(study.file.qm);
    const planned = plan(study);
    if (dryRun) {
      await mkdir(out, { recursive: true });
      return estimate(study, planned, out, io);
    }
    await makeFolder(out, study);
    if (detach) {
      await launchDetached(out, threads);
      io.print(`running; qmml status ${out} shows how far, qmml stop ${out} ends it`);
      return { json: { out, state: "running" } };
    }
    const history = await attach(out, threads, io);
    io.print(studyTable(history));
    return { json: await withStudy(out, ({ events }) => summarize(events)), failure: unfinished(history) };
  },
});

/** What the study will do: one QM call on the cluster and one on all atoms are timed, the rest is arithmetic. */
async function estimate(study: Study, { cluster, architecture, set, warnings }: Plan, out: string, io: Io): Promise<Outcome> {
  const { file, structure } = study;
  const qm = calculator(file.qm);
  const q = cut(structure, cluster);
  const path = join(out, "cluster.xyz");
  await writeWhole(path, formatExtxyz([{ structure: q }]));
  const timed = async (s: typeof structure): Promise<number> => {
    const began = performance.now();
    await qm.calculate(s, ["energy", "forces"], io.signal);
    return (performance.now() - began) / 1000;
  };
  const [clusterSeconds, allSeconds] = [await timed(q), file.schemes.includes("full-qm") ? await timed(structure) : 0];
  const hybrids = file.schemes.filter((s) => s !== "full-qm").length * file.members;
  const clusterCalls = set.length + hybrids * USUAL_STEPS;
  const fullCalls = file.schemes.includes("full-qm") ? USUAL_STEPS : 0;
  const comparisons = file.verify && fullCalls > 0 ? hybrids + USUAL_STEPS : 0;
  const minutes = (clusterCalls * clusterSeconds + (fullCalls + comparisons) * allSeconds) / 60;
  const bonds = cutBonds(structure, cluster).map(([i, j]) => ({ inside: i, outside: j }));
  const names = symbols(structure);
  io.print(`${study.name}: ${formula(structure)}; core ${cluster.core.length} atoms, QM cluster ${formula(q)}, written to ${path}`);
  io.print(
    `QM engine ${qm.name}: ${clusterSeconds.toFixed(3)} s a call on the cluster${allSeconds ? `, ${allSeconds.toFixed(3)} s on all atoms` : ""}`,
  );
  io.print(`cutoff ${architecture.descriptors.cutoff} Å, ${set.length} images to pre-train on`);
  io.print(
    `about ${clusterCalls} calls on the cluster, ${fullCalls} on all atoms and ${comparisons} to compare: ${minutes < 0.1 ? "less than 0.1" : minutes.toFixed(1)} minutes of QM, training apart`,
  );
  io.print(
    bonds.length === 0
      ? "no covalent bond is cut"
      : `covalent bonds cut: ${bonds.map((b) => `${names[b.inside]}${b.inside}-${names[b.outside]}${b.outside}`).join(", ")}`,
  );
  for (const w of warnings) io.print(`warning: ${w}`);
  return {
    json: {
      cluster: path,
      clusterAtoms: cluster.atoms,
      core: cluster.core,
      cutBonds: bonds,
      qmCalls: { cluster: clusterCalls, full: fullCalls, comparison: comparisons },
      qmMinutes: minutes,
      warnings,
    },
  };
}
