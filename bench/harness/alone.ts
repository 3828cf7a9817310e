/**
 * A job in a Node process of its own, for what depends on a process' past: memory, and what compilers have seen. The job is a function `job` of a file in
 * bench/jobs that takes and returns plain data; this file is both the caller's side and the program of that process.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const JOBS = new URL("../jobs/", import.meta.url);
const HERE = fileURLToPath(import.meta.url);
const LINE = "result ";

/** What the job returned. */
export async function alone<T>(job: string, input: object, profile?: string): Promise<T> {
  const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${job}.cpuprofile`];
  const parameters = ["--disable-warning=ExperimentalWarning", "--experimental-strip-types", ...flags, HERE, job, JSON.stringify(input)];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { maxBuffer: 1 << 28 });
  const line = stdout.split("\n").findLast((text) => text.startsWith(LINE));
  if (line === undefined) throw new Error(`bench/jobs/${job}.ts printed no result`);
  return JSON.parse(line.slice(LINE.length)) as T;
}

if (process.argv[1] === HERE) {
  const [, , job, input] = process.argv;
  const { job: work } = (await import(new URL(`${job}.ts`, JOBS).href)) as { job: (input: unknown) => unknown };
  console.log(LINE + JSON.stringify(await work(JSON.parse(input))));
  process.exit(0);
}
