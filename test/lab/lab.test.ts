/**
 * A real JupyterLab in a real browser: notebook 01, small, runs to its end, is refreshed on the way, saved, and opened without a kernel; its
 * pictures have the numbers of the study's journal.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import { median } from "../../src/history/spread.ts";
import { readJournal } from "../../src/study/journal.ts";
import { command, kernelIsIdle, type Lab, openBrowser, openLab, openNotebook, PROJECT, seen, setTheme } from "./lab.ts";
import { readNotebook, writeSmall } from "./small.ts";

const NOTEBOOK = "01-cu100.ipynb";

/** ms until something that takes a second or two on an idle machine has happened. */
const SOON = 30_000;

/** Members of a study that names no other number. */
const MEMBERS = 10;

/** More colours than text, axes and a background have, far fewer than shaded balls. */
const BLANK = 60;

/** JupyterLab's word for an answer to the page that was there before the refresh. */
const LATE = /^Comm not found for comm id/;

const root = mkdtempSync(join(tmpdir(), "qmml lab "));
const folder = join(root, "notebooks");
const study = join(folder, "cu100-n");
const complaints: string[] = [];
let lab: Lab;
let browser: Browser;
let page: Page;
let failed = false;

before(async () => {
  mkdirSync(folder);
  writeSmall(NOTEBOOK, folder);
  browser = await openBrowser();
  lab = await openLab(folder, join(root, "home"));
  page = await newPage();
});

after(async () => {
  await browser?.close();
  await lab?.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

describe("a study in JupyterLab", { timeout: 180_000 }, () => {
  step("draws itself while it runs, and goes on after the page was refreshed", async (t) => {
    await openNotebook(page, lab.url(NOTEBOOK));
    await setTheme(page, "light");
    await kernelIsIdle(page);
    const asked = performance.now();
    await runAll();
    const view = viewOf("study");
    await view.waitFor({ timeout: SOON });
    told(t, "first view", asked);
    await reaches(view, (sequence) => sequence > 0);
    await command(page, "docmanager:save");
    const before = await sequenceOf(view);
    const refreshed = performance.now();
    await openNotebook(page, lab.url(NOTEBOOK));
    await view.waitFor({ timeout: SOON });
    told(t, "view after a refresh", refreshed);
    await reaches(view, (sequence) => sequence > before);
    await finishes(view);
    told(t, "study", asked);
  });

  step("runs to the end, and its pictures have the journal's numbers", async (t) => {
    const asked = performance.now();
    await runAll();
    await page.locator(".jp-CodeCell").last().locator(".jp-OutputArea-output").waitFor({ timeout: SOON });
    await kernelIsIdle(page);
    told(t, "all cells of a finished study", asked);
    assert.equal(await page.locator(`.jp-OutputArea-output[data-mime-type*="error"]`).count(), 0);
    await showsAtoms(viewOf("study"), "light");
    const curves = (await tracesOf(".qmml-training")).filter((trace) => trace.yaxis === "y" && trace.width === 1);
    assert.equal(curves.length, MEMBERS);
    for (const curve of curves) assert.ok(curve.y.length > 1, `${curve.name} has no course`);
    const bars = (await tracesOf(".qmml-cost")).filter((trace) => trace.type === "bar");
    const { images, evaluations, seconds } = costs();
    assert.ok(images.length > 2, "there are images to learn");
    const [shown] = bars.filter((bar) => bar.yaxis === "y2");
    assert.deepEqual([shown.x, shown.y], [images, evaluations]);
    // Summed in another order.
    const summed = bars.findLast((bar) => bar.name.startsWith("training seconds"));
    for (const [k, value] of seconds.entries()) assert.ok(Math.abs((summed?.y[k] ?? Number.NaN) - value) < 1e-9 * value);
  });

  step("follows the theme", async () => {
    const view = viewOf("study");
    for (const theme of ["dark", "light", "dark"] as const) {
      await setTheme(page, theme);
      await showsAtoms(view, theme);
      await showsWords(view.locator(".qmml-training .main-svg text").first(), theme);
    }
  });

  step("is drawn from the saved notebook where there is no kernel, trusted or not", async () => {
    await command(page, "docmanager:save");
    const saved = readNotebook(join(folder, NOTEBOOK));
    const [first] = saved.cells.flatMap((cell) => cell.outputs ?? []);
    const forms = Object.keys(first.data ?? {});
    for (const form of ["application/vnd.qmml.study.v1+json", "image/svg+xml", "text/plain"]) assert.ok(forms.includes(form), form);
    const nowhere = { kernelspec: { name: "nowhere", display_name: "Nowhere", language: "typescript" } };
    writeFileSync(join(folder, "read-only.ipynb"), JSON.stringify({ ...saved, metadata: nowhere }));
    const reader = await newPage();
    await openNotebook(reader, lab.url("read-only.ipynb"));
    await reader.locator(".jp-Dialog button", { hasText: "No Kernel" }).click({ timeout: SOON });
    const view = viewOf("study", reader);
    await view.waitFor({ timeout: SOON });
    await finishes(view);
    await showsAtoms(view, "dark");
    await reader.close();
  });

  step("without a word of error in the browser's console", async () => assert.deepEqual(complaints, []));
});

/** A test that begins where the one before ended, and is left out if that failed. */
function step(name: string, body: (t: TestContext) => Promise<void>): void {
  it(name, async (t) => {
    if (failed) return t.skip("the step before failed");
    failed = true;
    try {
      await body(t);
      failed = false;
    } finally {
      if (failed) {
        const picture = join(PROJECT, ".cache", "lab-failure.png");
        await page.screenshot({ path: picture });
        t.diagnostic(`what the page looked like then: ${picture}`);
      }
    }
  });
}

async function newPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1400 } });
  const made = await context.newPage();
  made.on("console", (message) => {
    if (message.type() === "error" && !LATE.test(message.text())) complaints.push(`${message.text()} (${message.location().url})`);
  });
  made.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  return made;
}

function viewOf(view: string, where = page): Locator {
  return where.locator(`.qmml-view[data-view="${view}"]`).first();
}

/** Runs all cells, and does not wait for them. */
async function runAll(): Promise<void> {
  await page.evaluate(() => {
    const { jupyterapp } = window as unknown as { jupyterapp: { commands: { execute(name: string): Promise<unknown> } } };
    void jupyterapp.commands.execute("notebook:run-all-cells");
  });
}

async function sequenceOf(view: Locator): Promise<number> {
  return Number(await view.locator("[data-sequence]").first().getAttribute("data-sequence"));
}

async function reaches(view: Locator, enough: (sequence: number) => boolean): Promise<void> {
  for (const until = Date.now() + SOON; !enough(await sequenceOf(view)); await page.waitForTimeout(50))
    assert.ok(Date.now() < until, `the view stands at event ${await sequenceOf(view)}`);
}

async function finishes(view: Locator): Promise<void> {
  await view
    .locator(`[data-state="finished"]`)
    .first()
    .waitFor({ timeout: 2 * SOON });
}

interface Trace {
  readonly name: string;
  readonly type: string;
  readonly yaxis: string;
  readonly width: number | undefined;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** What plotly was given to draw in the first graph of a view of the study. */
async function tracesOf(view: string): Promise<Trace[]> {
  const graph = viewOf("study").locator(`${view} .qmml-graph`);
  await graph.scrollIntoViewIfNeeded();
  const drawn = await page.waitForFunction(
    (element) => {
      type Data = { name: string; type: string; yaxis: string; line?: { width?: number }; x: number[]; y: number[] };
      const { data } = element as unknown as { data?: Data[] };
      return data?.map(({ name, type, yaxis, line, x, y }) => ({ name, type, yaxis, width: line?.width, x: [...x], y: [...y] }));
    },
    await graph.elementHandle(),
    { timeout: SOON },
  );
  return (await drawn.jsonValue()) as Trace[];
}

/** By the journal: of each image that was learnt, the median of the models' evaluations and the sum of their seconds. */
function costs(): { images: number[]; evaluations: number[]; seconds: number[] } {
  const journal = readJournal(study);
  const trainings = journal.events().flatMap((e) => (e.kind === "training" && e.scheme === "retrained" ? [e] : []));
  journal.close();
  const images = [...new Set(trainings.map((e) => e.image as number))].sort((a, b) => a - b);
  const groups = images.map((image) => {
    const own = trainings.filter((e) => e.image === image);
    return [...new Set(own.map((e) => e.member))].map((member) => own.filter((e) => e.member === member));
  });
  const total = (own: typeof trainings, value: (e: (typeof trainings)[number]) => number): number =>
    own.reduce((sum, e) => sum + value(e), 0);
  return {
    images,
    evaluations: groups.map((g) => median(g.map((own) => total(own, (e) => e.payload.evaluations)))),
    seconds: groups.map((g) => total(g.flat(), (e) => e.payload.seconds)),
  };
}

/** Waits until WebGL shows balls on the theme's paper. */
async function showsAtoms(view: Locator, theme: "light" | "dark"): Promise<void> {
  const atoms = view.locator(".qmml-trajectory .qmml-webgl canvas");
  await atoms.waitFor({ timeout: SOON });
  await atoms.scrollIntoViewIfNeeded();
  for (const until = Date.now() + SOON; ; await page.waitForTimeout(100)) {
    const { colours, corner } = await seen(view.page(), atoms);
    if (colours > BLANK && (theme === "dark" ? corner < 0.2 : corner > 0.9)) return;
    assert.ok(Date.now() < until, `the atoms' picture has ${colours} colours on paper of brightness ${corner}, in a ${theme} theme`);
  }
}

/** Waits until a word of a chart is legible on the theme's paper; a chart is drawn anew once it is on the screen. */
async function showsWords(word: Locator, theme: "light" | "dark"): Promise<void> {
  await word.scrollIntoViewIfNeeded();
  for (const until = Date.now() + SOON; ; await page.waitForTimeout(100)) {
    const ink = await word.evaluate((text) => getComputedStyle(text).fill);
    const brightness = (ink.match(/[\d.]+/g) ?? []).slice(0, 3).reduce((sum, channel) => sum + Number(channel) / 765, 0);
    if (theme === "dark" ? brightness > 0.5 : brightness < 0.5) return;
    assert.ok(Date.now() < until, `words are ${ink} in a ${theme} theme`);
  }
}

/** Measured, not judged: the machine may have other work. */
function told(t: TestContext, what: string, since: number): void {
  t.diagnostic(`${what} after ${((performance.now() - since) / 1000).toFixed(1)} s`);
}
