/** `npm run bench [-- --only NAME[,NAME] --quick --profile --no-peers]`: workloads one after the other; results to bench/results, plots to docs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { alone } from "./harness/alone.ts";
import { loadWarning, thisMachine } from "./harness/machine.ts";
import { type Contender, type Sample, timed } from "./harness/measure.ts";
import { openPeer, type Peer } from "./harness/peer.ts";
import { scalingSvg } from "./harness/plot.ts";
import { page, type Run, type Section, sectionLines } from "./harness/report.ts";
import type { Bench, Workload } from "./harness/workload.ts";

/** Files of this folder, in the order of the page. */
const WORKLOADS = [
  "cu20-fingerprints",
  "cu20-gradient",
  "cu20-training",
  "retraining",
  "prediction",
  "emt",
  "kernel",
  "overhead",
  "workers",
  "scaling",
];
const RESULTS = fileURLToPath(new URL("results/", import.meta.url));
const DOCS = fileURLToPath(new URL("../docs/", import.meta.url));

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: WORKLOADS.join(",") },
    quick: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    "no-peers": { type: "boolean", default: false },
  },
});

/** The workloads asked for, in their usual order; one that cannot be loaded is a failure of its own. */
function chosen(): string[] {
  const names = options.only.split(",");
  const unknown = names.find((name) => !WORKLOADS.includes(name));
  if (unknown !== undefined) throw new RangeError(`there is no workload "${unknown}"; the workloads are ${WORKLOADS.join(", ")}`);
  return WORKLOADS.filter((name) => names.includes(name));
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

/** What a workload finds, or why it failed. */
async function finding(name: string, bench: Bench): Promise<Section> {
  let title = name;
  try {
    const { workload } = (await import(`./${name}.ts`)) as { readonly workload: Workload };
    title = workload.title;
    console.error(`${name}: ${title}`);
    return { name, title, findings: await workload.run(bench) };
  } catch (error) {
    const { message, stack } = error as Error;
    console.error(stack);
    process.exitCode = 1;
    return { name, title, failure: message };
  }
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
  let contenders = 0;

  const benchFor = (workload: string): Bench => ({
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
      Object.assign(versions, peer.facts.versions);
      return peer;
    },
    alone: (job, input) => alone(job, input, options.profile ? RESULTS : undefined),
  });

  const sections: Section[] = [];
  for (const name of workloads) {
    const section = await finding(name, benchFor(name));
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
