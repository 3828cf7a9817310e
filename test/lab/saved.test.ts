/**
 * What is read without a kernel, in a real JupyterLab: notebooks that nobody trusts, with bundles that mean harm; the snapshot of a study's
 * folder and files of frames as documents; by keyboard alone, by those who do not see, light and dark; and what is saved of a figure.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AxeResults } from "axe-core";
import type { Browser, Locator, Page } from "playwright-core";
import { type MimeBundle, mimeType, type ViewPayload } from "../../src/display/bundle.ts";
import { costBundle } from "../../src/display/cost.ts";
import { studyBundle } from "../../src/display/study.ts";
import { trainingBundle } from "../../src/display/training.ts";
import { trajectoryBundle } from "../../src/display/trajectory.ts";
import { type History, history } from "../../src/history/history.ts";
import { fixture } from "../history/fixture.ts";
import { hop, IMAGES } from "./hop.ts";
import { command, harmOf, type Lab, openBrowser, openLab, openNotebook, setTheme } from "./lab.ts";

/** ms until something that takes a second or two on an idle machine has happened. */
const SOON = 60_000;

const MEMBERS = 10;

/** Sets a mark on the page if anything of it is ever executed. */
const SCRIPT = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const root = mkdtempSync(join(tmpdir(), "qmml saved "));
const folder = join(root, "notebooks");
const complaints: string[] = [];
const whole = history(fixture({ members: MEMBERS, size: [3, 3, 3], warning: "the QM cluster is small" }));
let lab: Lab;
let browser: Browser;
let page: Page;

before(async () => {
  mkdirSync(join(folder, "a study"), { recursive: true });
  browser = await openBrowser();
  lab = await openLab(folder, join(root, "home"));
  page = await newPage();
});

after(async () => {
  await browser?.close();
  await lab?.close();
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

describe("without a kernel, in JupyterLab", { timeout: 600_000 }, () => {
  it("every view is drawn from a saved notebook", async () => {
    const ofStudy = [studyBundle, trajectoryBundle, trainingBundle, costBundle].map((make) => make(whole));
    await open("views.ipynb", [...ofStudy, hop()]);
    for (const view of ["study", "trajectory", "training", "cost", "path"]) {
      const own = viewOf(view);
      await own.waitFor({ timeout: SOON });
      assert.equal(await page.locator(`.qmml-view[data-view="${view}"]`).count(), 1);
    }
    await viewOf("trajectory").locator("canvas").first().waitFor({ timeout: SOON });
    for (const view of ["training", "cost", "path"]) {
      const graph = viewOf(view).locator(".js-plotly-plot").first();
      await viewOf(view).scrollIntoViewIfNeeded();
      await graph.locator(".main-svg").first().waitFor({ timeout: SOON });
      assert.match((await graph.getAttribute("aria-label")) ?? "", /\d/);
    }
    const energies = await viewOf("path")
      .locator(".js-plotly-plot")
      .first()
      .evaluate((node) => (node as unknown as { data: { y?: number[] }[] }).data.map((trace) => trace.y?.length ?? 0));
    assert.ok(energies.includes(IMAGES), energies.join());
    const facts = await viewOf("study").locator(".qmml-facts").innerText();
    assert.match(facts, new RegExp(`${2 * MEMBERS + 1} of ${2 * MEMBERS + 1} relaxations finished`));
  });

  it("the log of a study is filtered by words and by kind", async () => {
    const log = viewOf("study").locator(".qmml-events");
    await log.locator("summary").click();
    const words = ["retrained", "model", "converged"];
    await log.locator(".qmml-search").fill(words.join(" "));
    const rows = log.locator("tbody tr");
    const expected = whole.log.filter((row) => row.scheme === "retrained" && row.kind === "step" && /converged$/.test(row.message));
    assert.ok((await rows.count()) >= expected.length && expected.length > 0);
    for (const text of await rows.allInnerTexts()) for (const word of words) assert.ok(text.includes(word), text);
    await log.locator(".qmml-search").fill("");
    await log.locator("select").selectOption("serious");
    assert.equal(await rows.count(), whole.log.filter((row) => row.serious).length);
    assert.match(await rows.last().innerText(), /the QM cluster is small/);
    assert.match(await log.locator(".qmml-count").innerText(), new RegExp(`^\\d+ of ${whole.log.length}$`));
  });

  it("no serious violation is found by axe, light and dark", async () => {
    await page.addScriptTag({ path: AXE });
    for (const theme of ["light", "dark"] as const) {
      await setTheme(page, theme);
      // Views are drawn anew a moment later.
      await page.waitForTimeout(1000);
      const { violations } = await page.evaluate(async () => {
        const { axe } = window as unknown as { axe: { run(context: object, options: object): Promise<AxeResults> } };
        return axe.run({ include: [[".qmml-view"]] }, { resultTypes: ["violations"] });
      });
      const serious = violations
        .filter((v) => v.impact === "serious" || v.impact === "critical")
        .flatMap((v) => v.nodes.slice(0, 5).map((n) => `${theme}: ${v.id}: ${n.target.join(" ")}: ${n.any[0]?.message ?? v.help}`));
      assert.deepEqual(serious, []);
    }
  });

  it("everything is reached by the keyboard alone, has a name, and shows that it is there", async () => {
    await setTheme(page, "light");
    // Views are drawn anew a moment later.
    await page.waitForTimeout(1000);
    const view = viewOf("study");
    await view.locator(".qmml-search").waitFor({ timeout: SOON });
    const order = await view.evaluate((node) => {
      const all = node.querySelectorAll<HTMLElement>("button, input, select, summary, a[href], [tabindex]");
      const own = [...all].filter((n) => n.tabIndex >= 0 && n.checkVisibility() && !(n as HTMLButtonElement).disabled);
      own[0].focus();
      return own.length;
    });
    assert.ok(order > 20, `${order} controls`);
    const seen: string[] = [];
    // Shown to those who use keys: from here on.
    await page.keyboard.press("Tab");
    await page.keyboard.press("Shift+Tab");
    // Charts that come on the screen bring controls along.
    for (let k = 0; k < 4 * order; k += 1) {
      const said = await page.evaluate(() => {
        const now = document.activeElement as HTMLElement;
        if (!now.closest('.qmml-view[data-view="study"]')) return undefined;
        const named = now as HTMLElement & { labels?: NodeListOf<HTMLLabelElement> };
        const name = now.getAttribute("aria-label") ?? named.labels?.[0]?.textContent ?? now.textContent ?? "";
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(now);
        const shown = (outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0) || boxShadow !== "none";
        return { name: name.trim(), shown, what: `${now.tagName} ${now.className}` };
      });
      if (said === undefined) break;
      assert.ok(said.name !== "", `${said.what} has a name`);
      assert.ok(said.shown, `${said.what} shows the focus`);
      seen.push(said.name);
      await page.keyboard.press("Tab");
    }
    for (const wanted of ["Relaxation", "Play", "Step of the relaxation", "Words in the log"])
      assert.ok(seen.includes(wanted), `${wanted}: ${seen.join(", ")}`);
    assert.ok(seen.length >= order, `${seen.length} of ${order} are reached`);
    const atoms = view.locator(".qmml-stage").first();
    await atoms.focus();
    const words = view.locator(".qmml-frame").first();
    const last = await words.innerText();
    await page.keyboard.press("ArrowLeft");
    // Said once it is drawn.
    await words.filter({ hasNotText: last }).waitFor({ timeout: SOON });
    await page.keyboard.press("End");
    await words.filter({ hasText: last }).waitFor({ timeout: SOON });
  });

  it("a figure is exported by the command, and is a picture without script", async () => {
    const exporting = command(page, "qmml:export-figure");
    const dialog = page.locator(".jp-Dialog");
    await dialog.locator("select, input").first().waitFor({ timeout: SOON });
    const offered = await dialog.locator("option").allInnerTexts();
    const wanted = offered.find((name) => /training.*SVG/i.test(name)) ?? offered.find((name) => /SVG/.test(name));
    assert.ok(wanted !== undefined, offered.join());
    await dialog.locator("select").selectOption({ label: wanted });
    const [download] = await Promise.all([page.waitForEvent("download", { timeout: SOON }), dialog.locator(".jp-mod-accept").click()]);
    await exporting;
    assert.match(download.suggestedFilename(), /\.svg$/);
    const svg = readFileSync((await download.path()) as string, "utf8");
    assert.deepEqual(await harmOf(page, svg), []);
    assert.match(svg, /^<(\?xml|svg)/);
  });

  it("bundles that mean harm execute nothing and get one sentence each; other outputs stay", async () => {
    const payload = studyBundle(whole)[mimeType("study")] as ViewPayload;
    const withTables = (tables: Record<string, string>): object => ({ ...payload, tables: { ...payload.tables, ...tables } });
    const bad: Record<string, unknown> = {
      version: { ...payload, version: 2 },
      "no object": SCRIPT,
      "no base64": withTables({ training: SCRIPT }),
      "no Arrow": withTables({ training: btoa("ARROW1".repeat(400)) }),
      "cut off": withTables({ trajectory: payload.tables.trajectory.slice(0, 4000) }),
      "huge lengths": withTables({ steps: inflated(payload.tables.steps, whole.steps.length) }),
      "another schema": withTables({ about: payload.tables.training }),
    };
    const named: History = {
      ...whole,
      about: { ...whole.about, name: SCRIPT, formula: SCRIPT, engine: SCRIPT },
      messages: whole.messages.map((m) => ({ ...m, message: SCRIPT })),
      log: whole.log.map((m) => ({ ...m, kind: "constructor", message: SCRIPT })),
    };
    const bundles = [
      ...Object.values(bad).map((data) => ({ [mimeType("study")]: data })),
      studyBundle(named),
      { "text/plain": "still here" },
    ];
    const other = await newPage();
    await open("hostile.ipynb", bundles, other);
    const drawn = other.locator(".qmml-study");
    await drawn.first().waitFor({ timeout: SOON });
    await drawn.first().locator(".qmml-events summary").click();
    const sentences = await other.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .qmml-problem:not(:empty)").allInnerTexts();
    for (const sentence of sentences) assert.match(sentence, /^This study view cannot be drawn: [^\n]+\.$/);
    assert.equal(sentences.length, Object.keys(bad).length, sentences.join("\n"));
    assert.equal(await drawn.count(), 1);
    assert.equal(await drawn.locator("h2").innerText(), SCRIPT);
    assert.ok((await other.locator(".jp-OutputArea-output").last().innerText()).includes("still here"));
    assert.equal(await other.evaluate(() => (window as { hacked?: number }).hacked), undefined);
    assert.equal(await other.locator(".qmml-view :is(script, img, iframe)").count(), 0);
    await other.close();
  });

  it("a study's snapshot is a document, and is followed while it changes", async () => {
    const running = history(fixture({ members: MEMBERS, size: [3, 3, 3], until: "middle" }));
    const path = join(folder, "a study", "view.json");
    writeFileSync(path, JSON.stringify(studyBundle(running)));
    await command(page, "docmanager:open", { path: "a study/view.json" });
    const own = page.locator(".qmml-document .qmml-study");
    await own.waitFor({ timeout: SOON });
    assert.equal(await own.getAttribute("data-state"), "running");
    assert.match(await own.locator(".qmml-asking").innerText(), /There is no kernel here/);
    assert.equal(await own.locator('[data-request="stop"]').getAttribute("aria-disabled"), "true");
    writeFileSync(path, JSON.stringify(studyBundle(whole)));
    await page.locator('.qmml-document .qmml-study[data-state="finished"]').waitFor({ timeout: SOON });
  });

  it("a file of frames is a document", async () => {
    const frame = (energy: number, z: number): string =>
      `3\nLattice="5 0 0 0 6 0 0 0 7" pbc="T T T" Properties=species:S:1:pos:R:3:forces:R:3 energy=${energy}\nO 1 1 ${z} 0 0 ${energy}\nH 1.9 1 1 0 0 0.1\nH 1 1.9 1 0 0 0\n`;
    writeFileSync(join(folder, "water.extxyz"), [-1.5, -2.25, -2.5].map((energy, k) => frame(energy, 1 + 0.1 * k)).join(""));
    await command(page, "docmanager:open", { path: "water.extxyz" });
    const own = page.locator('.qmml-document[data-view="trajectory"]');
    await own.locator("canvas").first().waitFor({ timeout: SOON });
    assert.equal(await own.locator(".qmml-slider").getAttribute("max"), "2");
    const graph = own.locator(".js-plotly-plot");
    await graph.locator(".main-svg").first().waitFor({ timeout: SOON });
    const energies = await graph.evaluate((node) => [...(node as unknown as { data: { y: number[] }[] }).data[0].y]);
    assert.deepEqual(energies, [-1.5, -2.25, -2.5]);
    assert.doesNotMatch(await own.innerText(), /QM engine|QM cluster|core/);
    writeFileSync(join(folder, "broken.extxyz"), "3\n\nO 0 0 0\n");
    await command(page, "docmanager:open", { path: "broken.extxyz" });
    await page.locator(".qmml-document .qmml-problem", { hasText: "promises 3 atoms" }).waitFor({ timeout: SOON });
  });

  it("without a word of error in the browser's console", () => assert.deepEqual(complaints, []));
});

async function newPage(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1200 } });
  const made = await context.newPage();
  made.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  made.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  return made;
}

/** Writes a notebook whose one cell has the bundles as outputs, and opens it without a kernel. Nobody trusts it. */
async function open(name: string, bundles: readonly MimeBundle[], where = page): Promise<void> {
  const outputs = bundles.map((data) => ({ output_type: "display_data", data, metadata: {} }));
  const cell = { cell_type: "code", id: "views", metadata: {}, source: "", execution_count: 1, outputs };
  const kernelspec = { name: "nowhere", display_name: "Nowhere", language: "typescript" };
  writeFileSync(join(folder, name), JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells: [cell] }));
  await openNotebook(where, lab.url(name));
  await where.locator(".jp-Dialog button", { hasText: "No Kernel" }).click({ timeout: SOON });
}

function viewOf(view: string): Locator {
  return page.locator(`.qmml-view[data-view="${view}"]`).first();
}

/** A table of `rows` rows that says it has a million million. */
function inflated(base64: string, rows: number): string {
  const bytes = Buffer.from(base64, "base64");
  const wanted = Buffer.alloc(8);
  wanted.writeBigInt64LE(BigInt(rows));
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 8)) bytes.writeBigInt64LE(10n ** 12n, at);
  return bytes.toString("base64");
}
