/**
 * The study's own process: `node runner.js FOLDER [--threads N] [--store DIR] [--cluster ADDRESS]`. Holds the folder's lock, commits every event before
 * the study goes on, rewrites the snapshot, and stops within a second of `control/stop`, SIGTERM or SIGINT, leaving a journal that can be gone on with.
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { studyBundle } from "../display/study.ts";
import type { Trainer } from "../ensemble/trainer.ts";
import { trainerOf } from "../ensemble/trainingEngine.ts";
import { history } from "../history/history.ts";
import { formatExtxyz } from "../io/extxyz.ts";
import { packageVersion } from "../io/package.ts";
import { writeWhole } from "../io/whole.ts";
import { type Cluster, openCluster } from "../qm/cluster.ts";
import type { QmEngine } from "../qm/engine.ts";
import { ENGINES, openEngine, retriesOf } from "../qm/engines.ts";
import { qmService, settingsOf } from "../qm/image.ts";
import { openStore, type Store } from "../qm/store.ts";
import { type Structure, withPositions } from "../structure/structure.ts";
import type { Happening, Limits, StudyEvent } from "../study/events.ts";
import { clearStop, pathsOf, stoppedFrame, studyIn, takeLock, withStudy } from "../study/folder.ts";
import { type Journal, writeJournal } from "../study/journal.ts";
import type { Means } from "../study/launch.ts";
import { memoryOf } from "../study/memory.ts";
import { runStudy } from "../study/run.ts";
import { limitsOf, type StudyFile } from "../study/studyFile.ts";
import { trainerOn } from "./clusterTraining.ts";

const VERSION = packageVersion();

/** How often `control/stop` is looked for and how often the snapshot is rewritten at most, ms. */
const [LOOK, SNAPSHOT] = [100, 3000];

/** Exit status: 0 if the study finished, stopped or runs elsewhere. */
async function main(folder: string, { threads, store: shared, cluster: address }: Means): Promise<number> {
  const lock = takeLock(folder);
  if (!lock) return 0;
  const study = await studyIn(folder);
  const journal = writeJournal(folder);
  const past = journal.events();
  if (past.some((e) => e.kind === "study-finished")) return 0;
  const { signal, end } = stopRequests(folder);
  let workers: Trainer | undefined;
  let engine: QmEngine | undefined;
  let store: Store | undefined;
  let cluster: Cluster | undefined;
  let drawn = 0;
  try {
    if (past.length > 0) journal.commit(resumption(past, limitsOf(study.file)));
    const memory = memoryOf(journal, study.file.onFailure);
    if (address !== undefined) cluster = await joined(address, study.file, journal, signal);
    const { engine: training } = study.file;
    workers = cluster && training === "wasm" ? trainerOn(cluster, warn(journal)) : trainerOf(training, threads);
    engine = await openEngine(study.file.qm, { slots: threads, signal, timeout: study.file.timeout, tries: 1, cluster });
    const versions = { qmml: VERSION, node: process.versions.node, engine: engine.version, training: workers.engine };
    const other = changeOfVersions(past, versions);
    if (other) journal.commit({ kind: "warning", payload: { message: other } });
    if (shared !== undefined) store = sharedStore(shared, journal);
    const qm = qmService(engine, settingsOf(study.file.qm, engine.version), journal.image, store?.get, {
      retries: retriesOf(study.file.qm),
      failed: memory.failures,
      maxForce: study.file.maxForce,
    });
    for await (const { happening, image } of runStudy(study, { qm, trainer: workers, threads, memory, versions, signal })) {
      await keepFrame(folder, study.structure, happening);
      journal.commit(happening, image);
      if (image) store?.put(image);
      if (happening.kind === "study-finished") break;
      signal.throwIfAborted();
      if (performance.now() - drawn > SNAPSHOT) {
        await snapshot(folder);
        drawn = performance.now();
      }
    }
    return 0;
  } catch (error) {
    if (signal.aborted) {
      journal.commit({ kind: "stopped", payload: { message: "stopped on request; run again to go on" } });
      return 0;
    }
    // First into the log: the journal may be what failed.
    complain(error);
    journal.commit({ kind: "failed", payload: { message: sentence(error) } });
    return 1;
  } finally {
    end();
    await Promise.all([workers?.close(), engine?.close()]);
    await cluster?.close();
    store?.close();
    await snapshot(folder);
    await clearStop(folder);
    journal.close();
    lock.release();
  }
}

/** How a study goes on: with other limits, if they are not those that held last. */
function resumption(past: readonly StudyEvent[], limits: Limits): Happening {
  const held = past.flatMap((e) => (e.kind === "study-started" || e.kind === "resumed" ? (e.payload.limits ?? []) : [])).at(-1);
  const message = "goes on where the journal ends";
  if (isDeepStrictEqual(held, limits)) return { kind: "resumed", payload: { message } };
  const changed = held
    ? [
        ...(held.timeout === limits.timeout ? [] : [`timeout ${seconds(limits.timeout)} instead of ${seconds(held.timeout)}`]),
        ...(held.maxForce === limits.maxForce ? [] : [`maxForce ${limits.maxForce} eV/Å instead of ${held.maxForce} eV/Å`]),
      ]
    : [];
  return { kind: "resumed", payload: { message: [message, ...changed].join(", "), limits } };
}

function seconds(timeout: number | null): string {
  return timeout === null ? "unlimited" : `${timeout} s`;
}

/** The geometry that the guard has not let a relaxation come to, beside the journal for any viewer. */
async function keepFrame(folder: string, start: Structure, { kind, arrays, scheme = null, member = null }: Happening): Promise<void> {
  if (kind !== "rewound" || !arrays?.positions) return;
  const structure = withPositions(start, arrays.positions);
  await writeWhole(stoppedFrame(folder, { scheme, member }), formatExtxyz([{ structure }]));
}

/** Into the journal, as warnings. */
function warn(journal: Journal): (message: string) => void {
  return (message) => journal.commit({ kind: "warning", payload: { message } });
}

/** A cluster, once the journal has told of it, and of what it will not do. */
async function joined(address: string, { qm, engine }: StudyFile, journal: Journal, signal: AbortSignal): Promise<Cluster> {
  const cluster = await openCluster(address, qm, signal);
  const stays = [...(ENGINES[qm.engine].python ? [] : [`${qm.engine}'s calculations`]), ...(engine === "wasm" ? [] : ["trainings"])];
  const apart = stays.length > 0 ? `; ${stays.join(" and ")} stay in the study's own process` : "";
  journal.commit({ kind: "cluster", payload: { message: `${cluster.message}${apart}`, dashboard: cluster.dashboard } });
  return cluster;
}

/** A store that tells the journal of its troubles, with copies of what the journal has already: a kill, or a start without, may have kept them back. */
function sharedStore(folder: string, journal: Journal): Store {
  const store = openStore(folder, { warn: warn(journal) });
  const known = new Set(store.list().map(({ hash }) => hash));
  for (const event of journal.events()) {
    if (event.kind !== "qm-finished" || known.has(event.payload.hash)) continue;
    const image = journal.image(event.payload.hash);
    if (image) store.put(image);
    known.add(event.payload.hash);
  }
  return store;
}

/** A sentence if a study goes on with other versions than it began with, and nobody has said so yet. */
function changeOfVersions(past: readonly StudyEvent[], now: Readonly<Record<string, string>>): string | undefined {
  const began = past.find((e) => e.kind === "study-started");
  if (began?.kind !== "study-started") return undefined;
  const list = (versions: Readonly<Record<string, string>>): string =>
    Object.entries(versions)
      .map((pair) => pair.join(" "))
      .join(", ");
  const message = `begun with ${list(began.payload.versions)}, gone on with ${list(now)}: the numbers may differ from either's alone`;
  const isKnown = past.some((e) => e.kind === "warning" && e.payload.message === message);
  return list(began.payload.versions) === list(now) || isKnown ? undefined : message;
}

/** A signal that is aborted by `control/stop`, SIGTERM or SIGINT. */
function stopRequests(folder: string): { readonly signal: AbortSignal; end(): void } {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(new Error("stopped on request"));
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  const look = setInterval(() => existsSync(pathsOf(folder).stop) && stop(), LOOK);
  return { signal: stopping.signal, end: () => clearInterval(look) };
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A line in `run.log`. */
function complain(error: unknown): void {
  console.error(`Error: ${sentence(error)}`);
}

/** Rewrites `view.json`. A study does not end because it cannot be drawn. */
async function snapshot(folder: string): Promise<void> {
  try {
    const bundle = await withStudy(folder, (study) => studyBundle(history(study)));
    await writeWhole(pathsOf(folder).view, JSON.stringify(bundle));
  } catch (error) {
    complain(error);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: "string", default: String(availableParallelism()) }, store: { type: "string" }, cluster: { type: "string" } },
});
process.exit(
  await main(positionals[0], { ...values, threads: Number(values.threads) }).catch((error) => {
    complain(error);
    return 1;
  }),
);
