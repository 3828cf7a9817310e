/** `npm run pictures`: the notebooks as JupyterLab shows them, light and dark, into docs/. Their studies must be finished, as `npm start` leaves them. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { command, openBrowser, openLab, openNotebook, PROJECT, setTheme } from "./lab.ts";

/** Files of docs/ and the notebooks that they show. */
const NOTEBOOKS = { "notebook-cu100": "01-cu100.ipynb", "notebook-fatty-acid": "02-fatty-acid.ipynb" };

/** Pixels; the page is as high as what it shows. */
const WIDTH = 1100;

const root = mkdtempSync(join(tmpdir(), "qmml pictures "));
// Copies: opening a notebook starts its kernel, and may save.
const folder = join(root, "notebooks");
mkdirSync(folder);
const lab = await openLab(folder, join(root, "home"));
const browser = await openBrowser();
try {
  for (const [picture, notebook] of Object.entries(NOTEBOOKS)) {
    cpSync(join(PROJECT, "notebooks", notebook), join(folder, notebook));
    for (const theme of ["light", "dark"] as const) {
      const context = await browser.newContext({ viewport: { width: WIDTH, height: 2000 } });
      const page = await context.newPage();
      await openNotebook(page, lab.url(notebook));
      await setTheme(page, theme);
      await command(page, "application:set-mode", { mode: "single-document" });
      await command(page, "application:toggle-left-area");
      const path = join(PROJECT, "docs", `${picture}-${theme}.png`);
      await photograph(page, path);
      console.log(path);
      await context.close();
    }
  }
} finally {
  await browser.close();
  await lab.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** The notebook from its title to the learning curves, drawn to the last point. */
async function photograph(page: Page, path: string): Promise<void> {
  const view = page.locator('.qmml-view[data-view="study"]').first();
  await view.waitFor();
  const end = await view.locator(".qmml-training").evaluate((node) => Math.ceil(node.getBoundingClientRect().bottom));
  // The bar of states below.
  await page.setViewportSize({ width: WIDTH, height: end + 24 });
  await view.locator(".qmml-stage[data-drawn]").first().waitFor();
  for (const graph of ["trajectory", "training"]) await view.locator(`.qmml-${graph} .main-svg .trace`).first().waitFor();
  // The last of what is drawn anew when it gets more room.
  await page.waitForTimeout(1500);
  await page.screenshot({ path });
}
