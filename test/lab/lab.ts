/** A real JupyterLab of the project's .venv, and a real browser in front of it. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { lab } from "../../.dev/jupyter.mjs";

/** The project's folder. */
export const PROJECT: string = fileURLToPath(new URL("../../", import.meta.url));

const TOKEN = "of-a-test";

/** ms that JupyterLab is given to answer; two seconds on an idle machine. */
const PATIENCE = 60_000;

/** What headless Chromium needs in a container, and no word to anybody outside. */
const FLAGS = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // WebGL on the processor: there is no graphics card to be relied on.
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

/** A server of notebooks. */
export interface Lab {
  /** Address of a notebook, given by its path in the server's folder. */
  url(notebook: string): string;
  /** What it said so far. */
  log(): string;
  /** Ends it and its kernels. */
  close(): Promise<void>;
}

/** Starts JupyterLab; it shows `folder` and writes into `home`. */
export async function openLab(folder: string, home: string): Promise<Lab> {
  const port = await freePort();
  mkdirSync(home, { recursive: true });
  const { command, parameters, environment } = lab(PROJECT, folder, home);
  const own = [
    "--no-browser",
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.port=${port}`,
    "--ServerApp.port_retries=0",
    "--expose-app-in-browser",
  ];
  const server = spawn(command, [...parameters, ...own, `--IdentityProvider.token=${TOKEN}`], { cwd: folder, env: environment });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const base = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + PATIENCE; !(await answers(`${base}/api?token=${TOKEN}`)); await sleep(50)) {
    if (server.exitCode === null && Date.now() < until) continue;
    server.kill("SIGKILL");
    throw new Error(`JupyterLab did not start: ${said.trim()}`);
  }
  return {
    url: (notebook) => `${base}/lab/tree/${notebook}?token=${TOKEN}&reset`,
    log: () => said,
    close: () => ended(server),
  };
}

/** A fresh browser. @throws Error with one sentence if there is none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env.QMML_CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `there is no Chromium at ${executablePath}: install it (Debian: sudo apt install chromium), or name one in QMML_CHROMIUM, then try again`,
    );
  }
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Has JupyterLab do something by the name of its command. */
export async function command(page: Page, name: string, args: object = {}): Promise<void> {
  const call = { name, args: { ...args } };
  await page.evaluate(async ({ name, args }) => {
    const { jupyterapp } = window as unknown as { jupyterapp: { commands: { execute(name: string, args: object): Promise<unknown> } } };
    await jupyterapp.commands.execute(name, args);
  }, call);
}

/** Opens a notebook and waits until it is there. */
export async function openNotebook(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator(".jp-NotebookPanel .jp-CodeCell").first().waitFor({ timeout: PATIENCE });
}

/** Waits until the notebook's kernel is there and has nothing to do: cells that are run before ask which kernel is meant. */
export async function kernelIsIdle(page: Page): Promise<void> {
  const isIdle = (): boolean => {
    type Panel = { sessionContext?: { isReady: boolean; session?: { kernel?: { status: string } } } };
    const { jupyterapp } = window as unknown as { jupyterapp: { shell: { currentWidget: Panel | null } } };
    const session = jupyterapp.shell.currentWidget?.sessionContext;
    return session?.isReady === true && session.session?.kernel?.status === "idle";
  };
  await page.waitForFunction(isIdle, undefined, { timeout: PATIENCE });
}

/** The theme of everything on the page. */
export async function setTheme(page: Page, theme: "light" | "dark"): Promise<void> {
  await command(page, "apputils:change-theme", { theme: theme === "dark" ? "JupyterLab Dark" : "JupyterLab Light" });
  await page.locator(`body[data-jp-theme-light="${theme === "light"}"]`).waitFor({ state: "attached" });
}

/** What an element looks like: how many colours it shows, a blank one has one or two, and how bright its corner is, black 0, white 1. */
export async function seen(page: Page, element: Locator): Promise<{ colours: number; corner: number }> {
  const png = (await element.screenshot()).toString("base64");
  return page.evaluate(async (data) => {
    const picture = new Image();
    picture.src = `data:image/png;base64,${data}`;
    await picture.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.width, picture.height];
    const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
    pen.drawImage(picture, 0, 0);
    const { data: pixels } = pen.getImageData(0, 0, canvas.width, canvas.height);
    // Inside a border.
    const at = 4 * (4 * canvas.width + 4);
    return { colours: new Set(new Uint32Array(pixels.buffer)).size, corner: (pixels[at] + pixels[at + 1] + pixels[at + 2]) / 765 };
  }, png);
}

/** What of an SVG document is not well-formed, or could do something. */
export async function harmOf(page: Page, svg: string): Promise<string[]> {
  return page.evaluate((text) => {
    const all = [...new DOMParser().parseFromString(text, "image/svg+xml").querySelectorAll("*")];
    const active = all.filter((n) => /^(script|foreignObject|parsererror|image)$/i.test(n.localName)).map((n) => n.localName);
    return [...active, ...all.flatMap((n) => n.getAttributeNames().filter((name) => /^on|href$/i.test(name)))];
  }, svg);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ended(process: ChildProcess): Promise<void> {
  const over = new Promise((resolve) => process.once("close", resolve));
  if (process.exitCode !== null) return;
  process.kill("SIGTERM");
  const late = setTimeout(() => process.kill("SIGKILL"), 10_000);
  await over;
  clearTimeout(late);
}
