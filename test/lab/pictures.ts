/**
 * `npm run pictures`: the notebooks and every view as JupyterLab shows them, light and dark, and a figure of each study for the README, into
 * docs/. The notebooks' studies must be finished, as `npm start` leaves them.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { studyBundle } from "../../src/display/study.ts";
import { chartBlock } from "../../src/display/svg.ts";
import { svgDocument } from "../../src/display/svgDocument.ts";
import { structureDrawing, trajectoryChart } from "../../src/display/trajectory.ts";
import { type History, history } from "../../src/history/history.ts";
import { withStudy } from "../../src/study/folder.ts";
import { hop } from "./hop.ts";
import { command, openBrowser, openLab, openNotebook, PROJECT, setTheme } from "./lab.ts";
import { readNotebook } from "./small.ts";

/** Files of docs/ and the notebooks that they show. */
const NOTEBOOKS = { "notebook-cu100": "01-cu100.ipynb", "notebook-fatty-acid": "02-fatty-acid.ipynb" };

/** Of this study each view is shown alone. */
const SHOWN = "fatty-acid";
const VIEWS = ["trajectory", "training", "cost"];

/** Pixels; the page is as high as what it shows, and at first as high as this. */
const [WIDTH, HEIGHT] = [1100, 1600];

/** Studies with a figure in the README. */
const FIGURES = ["cu100-n", "fatty-acid"];

for (const name of FIGURES) {
  const svg = await withStudy(join(PROJECT, "notebooks", name), (study) => figureOf(history(study)));
  writeFileSync(join(PROJECT, "docs", `${name}.svg`), svg);
}

const root = mkdtempSync(join(tmpdir(), "qmml pictures "));
// Copies: opening a notebook starts its kernel, and may save.
const folder = join(root, "notebooks");
mkdirSync(folder);
const lab = await openLab(folder, join(root, "home"));
const browser = await openBrowser();
try {
  for (const notebook of Object.values(NOTEBOOKS)) cpSync(join(PROJECT, "notebooks", notebook), join(folder, notebook));
  const snapshot = await withStudy(join(PROJECT, "notebooks", SHOWN), (study) => studyBundle(history(study)));
  writeFileSync(join(folder, "view.json"), JSON.stringify(snapshot));
  const output = { output_type: "display_data", data: hop(), metadata: {} };
  const cell = { cell_type: "code", id: "path", metadata: {}, source: "path", execution_count: 1, outputs: [output] };
  writeFileSync(join(folder, "path.ipynb"), JSON.stringify({ ...readNotebook(join(folder, NOTEBOOKS["notebook-cu100"])), cells: [cell] }));
  for (const theme of ["light", "dark"] as const) {
    for (const [picture, notebook] of Object.entries(NOTEBOOKS)) {
      await photographed(theme, notebook, async (page) => {
        const end = await bottomOf(page, ".qmml-training");
        await atHeight(page, end);
        await page.screenshot({ path: named(`${picture}-${theme}`) });
      });
    }
    await photographed(theme, "path.ipynb", async (page) => {
      const path = page.locator(".qmml-path").first();
      await drawn(page, ".qmml-path");
      await path.screenshot({ path: named(`view-path-${theme}`) });
      await command(page, "docmanager:open", { path: "view.json" });
      const study = page.locator(".qmml-document .qmml-study");
      await study.waitFor();
      await study.locator(".qmml-events summary").click();
      for (const view of VIEWS) {
        const own = study.locator(`.qmml-${view}`);
        // With room for JupyterLab's own bars: what is higher than the page would be cut.
        const { height } = (await own.boundingBox()) ?? { height: 0 };
        await page.setViewportSize({ width: WIDTH, height: Math.max(HEIGHT, Math.ceil(height) + 200) });
        await own.scrollIntoViewIfNeeded();
        await drawn(page, `.qmml-document .qmml-${view}`);
        await own.screenshot({ path: named(`view-${view}-${theme}`) });
      }
      // The dashboard without the views that have their own pictures.
      await study.evaluate((node) => {
        for (const figure of node.querySelectorAll<HTMLElement>(":scope > figure")) figure.style.display = "none";
      });
      await study.screenshot({ path: named(`view-study-${theme}`) });
    });
  }
} finally {
  await browser.close();
  await lab.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** What fits a page: energies along the relaxations, their errors, and the atoms. */
function figureOf(h: History): string {
  const chart = trajectoryChart(h);
  const [first] = chart.rows;
  return svgDocument(chart.title, chart.description, [chartBlock({ ...chart, caption: "", rows: [first] }), ...structureDrawing(h)]);
}

/** A page with a notebook and nothing beside it. */
async function photographed(theme: "light" | "dark", notebook: string, take: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: WIDTH, height: HEIGHT } });
  const page = await context.newPage();
  // A busy machine takes its time.
  page.setDefaultTimeout(180_000);
  await openNotebook(page, lab.url(notebook));
  await setTheme(page, theme);
  await command(page, "application:set-mode", { mode: "single-document" });
  await command(page, "application:toggle-left-area");
  await page.locator(".qmml-view[data-view]").first().waitFor();
  await take(page);
  await context.close();
}

function named(picture: string): string {
  const path = join(PROJECT, "docs", `${picture}.png`);
  console.log(path);
  return path;
}

async function bottomOf(page: Page, part: string): Promise<number> {
  return page
    .locator(`.qmml-view[data-view="study"] ${part}`)
    .first()
    .evaluate((node) => Math.ceil(node.getBoundingClientRect().bottom));
}

/** Makes the page as high as what is to be seen, and waits until it is drawn. */
async function atHeight(page: Page, end: number): Promise<void> {
  // The bar of states below.
  await page.setViewportSize({ width: WIDTH, height: end + 24 });
  for (const view of ["trajectory", "training"]) await drawn(page, `.qmml-view[data-view="study"] .qmml-${view}`);
}

/** Waits until a view is drawn to the last point. */
async function drawn(page: Page, view: string): Promise<void> {
  await page.locator(`${view} .main-svg .trace`).first().waitFor();
  // The last of what is drawn anew when it gets more room.
  await page.waitForTimeout(1500);
}
