/**
 * A study as a value in a notebook: making it starts its process, or attaches to what its folder holds; as the last line of a cell it draws
 * itself, as it stands, and says where the live feed finds the rest. All numbers are read from the journal at the moment they are asked for.
 */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { relative, resolve, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type MimeBundle, mimeType, type StudyReference, type ViewPayload } from "../display/bundle.ts";
import { costBundle } from "../display/cost.ts";
import { explanation } from "../display/explain.ts";
import { methodsOf } from "../display/methods.ts";
import { studyBundle } from "../display/study.ts";
import { folded } from "../display/text.ts";
import { trainingBundle } from "../display/training.ts";
import { trajectoryBundle } from "../display/trajectory.ts";
import type { Architecture, Model } from "../ensemble/model.ts";
import type { AboutRow } from "../history/about.ts";
import { decode, rowsOf } from "../history/arrow.ts";
import type { CostRow } from "../history/cost.ts";
import { type History, history } from "../history/history.ts";
import { type State, type Summary, summarize } from "../history/summary.ts";
import type { TrainingRow } from "../history/training.ts";
import type { FrameRow } from "../history/trajectory.ts";
import { type Verdict, verdictOf } from "../history/verdict.ts";
import { checkedCluster } from "../qm/cluster.ts";
import { checkedSpec } from "../qm/engines.ts";
import type { Structure } from "../structure/structure.ts";
import type { StudyEvent } from "../study/events.ts";
import { askToStop, inputsOf, isRunning, makeFolderSync, pathsOf, type StudyRecord, studyInSync, studyOf } from "../study/folder.ts";
import { readJournal } from "../study/journal.ts";
import { launch, watch } from "../study/launch.ts";
import { imagesOf, type LearningScheme, type LearntImage, modelsOf } from "../study/learnt.ts";
import { plan } from "../study/plan.ts";
import type { StudyInput } from "../study/studyFile.ts";
import { cellSignal, type Drawing, drawing } from "./jupyter.ts";
import { type Prose, prose } from "./prose.ts";

/** What is calculated, as in a study file but with the structure itself, and where. */
export interface StudyOptions extends Omit<StudyInput, "name" | "structure"> {
  readonly structure: Structure;
  /** The study's folder. Default: `name` in the working directory, which is the notebook's. */
  readonly folder?: string;
  /** Models trained, and QM images calculated, at a time. Default: all cores. */
  readonly threads?: number;
  /** Folder of a store of QM images that is shared with other studies. Default: none. */
  readonly store?: string;
  /** Dask workers that calculate and train: `local:N` on this machine, or `tcp://host:port` of a scheduler. Default: none. */
  readonly cluster?: string;
}

/** One view of a study. */
export interface StudyView<Row> extends Drawing {
  /** What it draws, as the journal has it now. */
  readonly rows: readonly Row[];
}

/** A summary of the journal's events; `interrupted`: the study's process was killed. */
export interface StudyStatus extends Omit<Summary, "state"> {
  readonly state: State | "interrupted";
}

/** A study that was begun. */
export interface StudyHandle extends Drawing {
  readonly name: string;
  /** Absolute path. */
  readonly folder: string;
  /**
   * Fulfilled when the study is finished. Rejected with one sentence if it failed, was stopped or killed, or if the cell that waits is
   * interrupted: that ends the waiting, not the study.
   */
  readonly finished: Promise<void>;
  /** Geometries, energies and forces of the relaxations. */
  readonly trajectory: StudyView<FrameRow>;
  /** Learning curves of the models. */
  readonly training: StudyView<TrainingRow>;
  /** Cost of each QM image, first to last. */
  readonly cost: StudyView<CostRow>;
  /** What each relaxation has reached, and its cost. */
  status(): StudyStatus;
  /** Whether QM/ML paid against full QM; `not measured` before the end. */
  verdict(): Verdict;
  /** The rows of all tables, as the journal has them now. */
  history(): History;
  /**
   * The models of a scheme as they stand: pre-trained, and where it retrains, after all that they have learnt so far.
   * @throws RangeError if one is not pre-trained yet.
   */
  models(scheme: LearningScheme): { readonly architecture: Architecture; readonly models: readonly Model[] };
  /** The QM images that a model has learnt so far: the pre-training set, then those of its relaxation. */
  images(scheme: LearningScheme, member: number): readonly LearntImage[];
  /** The journal so far. */
  events(): readonly StudyEvent[];
  /** Every QM call by its reason, every warning, every step taken back. */
  explain(): Prose;
  /** A paragraph for the supporting information, with BibTeX. */
  methods(): Prose;
  /** Asks the study's process to stop, and waits for its end; making the study again goes on with it. */
  stop(): Promise<void>;
}

/** How often a stopping process is looked at, and how long, ms. */
const [LOOK, STOPPING] = [20, 20_000];

/**
 * Begins a study, or attaches to the one that its folder holds: one that runs is followed, one that was interrupted goes on, one that is
 * finished is shown.
 * @throws RangeError with one sentence if an input is wrong.
 * @throws Error if the folder holds another study, naming the first input that differs.
 */
export function study(
  name: string,
  { structure, folder: place = name, threads = availableParallelism(), store, cluster, ...input }: StudyOptions,
): StudyHandle {
  if (!/^[^/\\]*[^/\\.][^/\\]*$/.test(name)) throw new RangeError(`a study cannot be called "${name}"; give a name, e.g. "cu100-n"`);
  if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`threads is ${threads}; give a whole number of 1 or more`);
  const made = studyOf(name, structure, input);
  checkedSpec(made.file.qm);
  if (cluster !== undefined) checkedCluster(cluster, made.file.qm);
  // Before anything is written.
  inputsOf(made);
  const folder = resolve(place);
  makeFolderSync(folder, made);
  const inputs = inputsOf(studyInSync(folder));

  const record = <T>(use: (held: StudyRecord) => T): T => {
    if (!existsSync(pathsOf(folder).journal)) return use({ ...inputs, events: [], array: () => undefined });
    const journal = readJournal(folder);
    try {
      return use({ ...inputs, events: journal.events(), array: journal.array });
    } finally {
      journal.close();
    }
  };
  const now = (): History => record((held) => history(held));
  const where = (): StudyReference => ({ id: name, path: relative(process.cwd(), folder).split(sep).join("/") || "." });
  const view = <Row>(rows: (h: History) => readonly Row[], bundle: (h: History, where: StudyReference) => MimeBundle): StudyView<Row> => {
    const table = {
      get rows() {
        return rows(now());
      },
    };
    return drawing(table, () => bundle(now(), where()));
  };

  const isFinished = record(({ events }) => events.at(-1)?.kind === "study-finished");
  const begun = isFinished
    ? Promise.resolve()
    : launch(folder, { threads, ...(store !== undefined && { store: resolve(store) }), cluster });
  // Told to those who wait for the end; a process must not die of it if nobody does.
  begun.catch(() => {});

  const handle: Omit<StudyHandle, keyof Drawing> = {
    name,
    folder,
    get finished() {
      const signal = cellSignal();
      const end = begun.then(() => ending(name, folder, signal));
      end.catch(() => {});
      return end;
    },
    trajectory: view((h) => h.trajectory, trajectoryBundle),
    training: view((h) => h.training, trainingBundle),
    cost: view((h) => h.cost, costBundle),
    status() {
      const summary = record(({ events }) => summarize(events));
      return summary.state === "running" && !isRunning(folder) ? { ...summary, state: "interrupted" } : summary;
    },
    verdict: () => verdictOf(now()),
    history: now,
    models(scheme) {
      const { architecture } = plan(made);
      return { architecture, models: record((held) => modelsOf(held, architecture, scheme, held.file.members)) };
    },
    images(scheme, member) {
      if (!existsSync(pathsOf(folder).journal)) return [];
      const journal = readJournal(folder);
      try {
        return imagesOf({ events: journal.events(), image: journal.image }, scheme, member);
      } finally {
        journal.close();
      }
    },
    events: () => record(({ events }) => events),
    explain: () => prose(explanation(now())),
    methods() {
      const { paragraph, bibtex } = methodsOf(now(), plan(made).architecture);
      return prose(`${folded(paragraph).join("\n")}\n\n${bibtex}`, `${paragraph}\n\n\`\`\`bibtex\n${bibtex}\n\`\`\``);
    },
    async stop() {
      await begun;
      if (!isRunning(folder)) return;
      await askToStop(folder);
      for (const until = Date.now() + STOPPING; isRunning(folder); await sleep(LOOK))
        if (Date.now() > until) throw new Error(`the study ${name} has not stopped within ${STOPPING / 1000} s; it will at its next event`);
    },
  };
  return drawing(handle, () => snapshot(folder, where()) ?? studyBundle(now(), where()));
}

/** Waits until the study's process has ended. */
async function ending(name: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  let last: StudyEvent | undefined;
  try {
    for await (const event of watch(folder, signal)) last = event;
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new Error(`the waiting was interrupted; the study ${name} goes on`);
  }
  if (last?.kind === "study-finished") return;
  const why = last?.kind === "failed" ? `failed: ${last.payload.message}` : "was stopped";
  throw new Error(`the study ${name} ${why}; run its cell again and it goes on where its journal ends`);
}

/** The bundle that the study's process left when it finished, if it did. */
function snapshot(folder: string, where: StudyReference): MimeBundle | undefined {
  try {
    const bundle = JSON.parse(readFileSync(pathsOf(folder).view, "utf8")) as MimeBundle;
    const payload = bundle[mimeType("study")] as ViewPayload;
    const [{ state, sequence }] = rowsOf<AboutRow>(decode(payload.tables.about));
    return state === "finished" ? { ...bundle, [mimeType("study")]: { ...payload, study: { ...where, sequence } } } : undefined;
  } catch {
    // There is none, or one of another version: the journal has it all.
    return undefined;
  }
}
