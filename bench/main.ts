/** `npm run bench [-- --only NAME[,NAME] --quick --profile --no-peers]`: workloads one after the other; results to bench/results, plots to docs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { workload as fingerprints } from "./cu20-fingerprints.ts";
import { workload as gradient } from "./cu20-gradient.ts";
import { workload as training } from "./cu20-training.ts";
import { workload as emt } from "./emt.ts";
import { alone } from "./harness/alone.ts";
import { loadWarning, thisMachine } from "./harness/machine.ts";
import { type Contender, type Sample, timed } from "./harness/measure.ts";
import { openPeer, type Peer, runPeer } from "./harness/peer.ts";
import { scalingSvg } from "./harness/plot.ts";
import { page, type Run, type Section, sectionLines } from "./harness/report.ts";
import type { Bench, Workload } from "./harness/workload.ts";
import { workload as prediction } from "./prediction.ts";
import { workload as retraining } from "./retraining.ts";
import { workload as scaling } from "./scaling.ts";

const WORKLOADS: readonly Workload[] = [fingerprints, gradient, training, retraining, prediction, emt, scaling];
const RESULTS = fileURLToPath(new URL("results/", import.meta.url));
const DOCS = fileURLToPath(new URL("../docs/", import.meta.url));

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: WORKLOADS.map((w) => w.name).join(",") },
    quick: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    "no-peers": { type: "boolean", default: false },
  },
});

/** The workloads asked for, in their usual order. */
function chosen(): Workload[] {
  const names = options.only.split(",");
  const unknown = names.find((name) => !WORKLOADS.some((w) => w.name === name));
  if (unknown !== undefined)
    throw new RangeError(`there is no workload "${unknown}"; the workloads are ${WORKLOADS.map((w) => w.name).join(", ")}`);
  return WORKLOADS.filter((w) => names.includes(w.name));
}

/** s that work is repeated for to be profiled. */
const PROFILED = 2;

/** Repeats work with V8's profiler running, apart from what is timed; threads other than this one are not in it. */
async function profile(path: string, work: () => unknown): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
  for (const until = performance.now() + 1000 * PROFILED; performance.now() < until; ) await work();
  const { profile } = await session.post("Profiler.stop");
  writeFileSync(path, JSON.stringify(profile));
  session.disconnect();
}

async function main(): Promise<void> {
  const workloads = chosen();
  mkdirSync(RESULTS, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), "qmml-bench-"));
  const machine = thisMachine();
  const warning = loadWarning(machine);
  if (warning) console.error(`Warning: ${warning}.`);
  const versions: Record<string, string> = {};
  const open: Peer[] = [];
  const noted = (facts: { readonly versions?: unknown }): void => {
    Object.assign(versions, facts.versions);
  };
  let contenders = 0;

  const benchFor = ({ name: workload }: Workload): Bench => ({
    quick: options.quick,
    cores: availableParallelism(),
    scratch,
    log: (line) => console.error(`  ${line}`),
    ours(name, threads, work): Contender {
      let path = options.profile ? join(RESULTS, `${workload}-${contenders++}.cpuprofile`) : undefined;
      return {
        name,
        threads,
        async run(repeats) {
          if (path !== undefined) await profile(path, work);
          path = undefined;
          const samples: Sample[] = [];
          for (let k = 0; k < repeats; k++) samples.push(await timed(work));
          return samples;
        },
      };
    },
    async peer(script, parameters = []) {
      if (options["no-peers"]) return undefined;
      const peer = await openPeer(script, parameters);
      open.push(peer);
      noted(peer.facts);
      return peer;
    },
    async once<T>(script: string, parameters: readonly string[] = []): Promise<T | undefined> {
      if (options["no-peers"]) return undefined;
      const facts = await runPeer<T & { versions?: unknown }>(script, parameters);
      noted(facts);
      return facts;
    },
    alone: (job, input) => alone(job, input, options.profile ? RESULTS : undefined),
  });

  const sections: Section[] = [];
  for (const workload of workloads) {
    console.error(`${workload.name}: ${workload.title}`);
    const section = await workload
      .run(benchFor(workload))
      .then((findings): Section => ({ name: workload.name, title: workload.title, findings }))
      .catch((error: Error): Section => {
        console.error(error.stack);
        process.exitCode = 1;
        return { name: workload.name, title: workload.title, failure: error.message };
      });
    for (const peer of open.splice(0)) await peer.close();
    sections.push(section);
    console.log(`\n${sectionLines(section).join("\n")}\n`);
  }
  rmSync(scratch, { recursive: true, force: true });
  if (options.quick) return;

  const run: Run = { machine, versions, quick: options.quick, sections, ...(warning !== undefined && { warning }) };
  const stamp = `${machine.date.replace(" ", "-").replace(":", "")}-${machine.commit.replace("+", "-changed")}`;
  writeFileSync(join(RESULTS, `${stamp}.json`), `${JSON.stringify(run, null, 1)}\n`);
  // The page shows whole runs only: figures of one page belong together.
  if (workloads.length === WORKLOADS.length) writeFileSync(join(RESULTS, "latest.md"), page(run));
  const curves = sections.flatMap((s) => s.findings?.curves ?? []);
  for (const size of new Set(curves.map((c) => c.size))) {
    const some = curves.filter((c) => c.size === size);
    writeFileSync(join(DOCS, `bench-${size}.svg`), `${scalingSvg(size, some, machine)}\n`);
  }
}

await main();
