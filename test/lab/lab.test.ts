/**
 * A real JupyterLab in a real browser: notebook 01, small, runs to its end, is refreshed on the way, saved, and opened without a kernel; its
 * pictures have the numbers of the study's journal.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import type { Browser, Locator, Page } from "playwright-core";
import { execution } from "../../.dev/notebooks.mjs";
import { median } from "../../src/history/spread.ts";
import { readJournal } from "../../src/study/journal.ts";
import { command, harmOf, kernelIsIdle, type Lab, openBrowser, openLab, openNotebook, PROJECT, seen, setTheme } from "./lab.ts";
import { readNotebook, writeSmall } from "./small.ts";

const NAME = "01-cu100";
const NOTEBOOK = `${NAME}.ipynb`;

/** ms until something that takes a second or two on an idle machine has happened. */
const SOON = 60_000;

/** Models of each scheme. */
const MEMBERS = 10;

/** More colours than text, axes and a background have, far fewer than shaded balls. */
const BLANK = 60;

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
  writeSmall(NAME, folder, { members: MEMBERS, verify: true });
  browser = await openBrowser();
  lab = await openLab(folder, join(root, "home"));
  page = await newPage();
});

after(async () => {
  await browser?.close();
  await lab?.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

describe("a study in JupyterLab", { timeout: 600_000 }, () => {
  step("draws itself while it runs, stops and goes on when asked, and outlives a restart of the kernel and a refresh", async (t) => {
    await openNotebook(page, lab.url(NOTEBOOK));
    await setTheme(page, "light");
    await kernelIsIdle(page);
    const asked = performance.now();
    await runAll();
    const view = viewOf("study");
    await view.waitFor({ timeout: SOON });
    told(t, "first view", asked);
    await reaches(view, (sequence) => sequence > 0);
    await view.locator('[data-request="stop"]').click();
    await view.locator('[data-state="stopped"]').waitFor({ timeout: SOON });
    const stopped = await sequenceOf(view);
    await view.locator('[data-request="resume"]').click();
    await reaches(view, (sequence) => sequence > stopped);
    const going = await sequenceOf(view);
    const restarted = performance.now();
    await restartKernel();
    await view.locator('[data-connection="live"], [data-connection="ended"]').first().waitFor({ timeout: SOON });
    await reaches(view, (sequence) => sequence > going);
    told(t, "news after a restart of the kernel", restarted);
    await command(page, "docmanager:save");
    const before = await sequenceOf(view);
    const refreshed = performance.now();
    await openNotebook(page, lab.url(NOTEBOOK));
    await view.waitFor({ timeout: SOON });
    told(t, "view after a refresh", refreshed);
    await reaches(view, (sequence) => sequence >= before);
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
    const summed = bars.find((bar) => bar.yaxis === "y6" && bar.name === "training seconds");
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
    const [first] = saved.cells.flatMap(({ id, outputs = [] }) => (id === "study" ? outputs : []));
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

  step("is a picture and a figure for those who know no better, in the notebook and in nbconvert's page", async () => {
    const outputs = readNotebook(join(folder, NOTEBOOK)).cells.flatMap((cell) => cell.outputs ?? []);
    const pictures = outputs.flatMap(({ data = {} }) => (data["image/svg+xml"] === undefined ? [] : [textOf(data["image/svg+xml"])]));
    assert.equal(pictures.length, 3);
    for (const picture of pictures) assert.deepEqual(await harmOf(page, picture), []);
    const figures = outputs.flatMap(({ data = {} }) =>
      data[PLOTLY] === undefined ? [] : [data[PLOTLY] as { data: object[]; layout: object }],
    );
    assert.equal(figures.length, 2);
    for (const { data, layout } of figures) assert.ok(data.length > MEMBERS && typeof layout === "object");
    const path = join(folder, "page.html");
    const { command: python, environment } = execution(PROJECT, NOTEBOOK, { home: join(root, "home") });
    const parameters = ["-m", "nbconvert", "--to", "html", "--output", path, join(folder, NOTEBOOK)];
    await promisify(execFile)(python, parameters, { env: { ...environment, JUPYTER_CONFIG_DIR: join(root, "nbconvert") } });
    const html = readFileSync(path, "utf8");
    // As an image, by its bytes; the end may be without a line break.
    for (const picture of pictures) assert.ok(html.includes(Buffer.from(picture).toString("base64").slice(0, -8)));
  });

  step("without a word of error in the browser's console", async () => assert.deepEqual(complaints, []));
});

/** A figure of plotly in a bundle. */
const PLOTLY = "application/vnd.plotly.v1+json";

/** A text of a notebook's file, which may be kept by lines. */
function textOf(data: unknown): string {
  return Array.isArray(data) ? data.join("") : String(data);
}

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
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
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

/** Restarts the kernel as the toolbar does, and waits until the view has noticed. */
async function restartKernel(): Promise<void> {
  const waiting = viewOf("study").locator('[data-connection="waiting"]').first().waitFor({ timeout: SOON });
  await page.evaluate(() => {
    type Panel = { sessionContext: { session: { kernel: { restart(): Promise<void> } } } };
    const { jupyterapp } = window as unknown as { jupyterapp: { shell: { currentWidget: Panel } } };
    void jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart();
  });
  await waiting;
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

/** Waits until balls are seen on the theme's paper. */
async function showsAtoms(view: Locator, theme: "light" | "dark"): Promise<void> {
  const atoms = view.locator(".qmml-trajectory .qmml-stage").first();
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
