/**
 * `qmml kernel install | uninstall`: the kernel's description where Jupyter looks for it, with the absolute path of the Node that runs this
 * command, so that it starts whatever the PATH of Jupyter holds. Places: Jupyter documentation, "Common directories and file locations".
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { PACKAGE } from "../io/package.ts";
import { pythonPath } from "../qm/worker.ts";
import { type Command, command as defined, UsageError } from "./command.ts";

/** Name of the kernel's folder, and the one that notebooks store. */
const NAME = "qmml";

/** SQLite in Node, and import() from a notebook's folder, work but still call themselves experimental. */
const QUIET = "--disable-warning=ExperimentalWarning";

interface Place {
  readonly sysPrefix?: boolean;
  readonly user?: boolean;
  readonly prefix?: string;
}

/** Folder of the kernel's package. @throws Error with the remedy if it is not installed or not built */
function kernelFolder(): string {
  let main: string;
  try {
    main = createRequire(PACKAGE).resolve("qmml-kernel/package.json");
  } catch {
    throw new Error("the kernel is not installed; run npm install qmml-kernel beside qmml, or npm start in a clone of it");
  }
  const folder = resolve(main, "..");
  if (existsSync(join(folder, "dist", "main.js"))) return folder;
  throw new Error(`the kernel in ${folder} is not built; run npm run build in its project`);
}

/**
 * The folder of kernels of the place that the options name: the Python's environment, by default if there is one, or the user's.
 * @throws UsageError if they name more than one.
 */
async function kernelsFolder({ sysPrefix, user, prefix }: Place): Promise<string> {
  if ([sysPrefix, user, prefix].filter(Boolean).length > 1) throw new UsageError("give one of --sys-prefix, --user and --prefix");
  if (prefix !== undefined) return join(resolve(prefix), "share", "jupyter", "kernels");
  const python = pythonPath();
  const hasPython = process.env.QMML_PYTHON !== undefined || existsSync(python);
  if (user || (!sysPrefix && !hasPython)) return join(userData(), "kernels");
  return join(await prefixOf(python), "share", "jupyter", "kernels");
}

/** Jupyter's data folder of this user. */
function userData(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, APPDATA } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (process.platform === "win32") return join(APPDATA ?? homedir(), "jupyter");
  return join(XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter");
}

async function prefixOf(python: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(python, ["-I", "-c", "import sys; print(sys.prefix)"]);
    return stdout.trim();
  } catch {
    throw new Error(`${python} does not run; set QMML_PYTHON to the Python of the environment, or give --user or --prefix DIR`);
  }
}

/** Writes the description and the logos in place of older ones. */
async function install(folder: string): Promise<void> {
  const kernel = kernelFolder();
  const spec: object = JSON.parse(await readFile(join(kernel, "spec", "kernel.json"), "utf8"));
  const argv = [process.execPath, QUIET, join(kernel, "dist", "main.js"), "{connection_file}"];
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await cp(join(kernel, "spec"), folder, { recursive: true });
    await writeFile(join(folder, "kernel.json"), `${JSON.stringify({ argv, ...spec }, null, 2)}\n`);
  } catch (error) {
    throw new Error(
      `${folder} cannot be written (${(error as NodeJS.ErrnoException).code}); give --user, or --prefix DIR with a folder of yours`,
    );
  }
}

export const command: Command = defined({
  usage: "install|uninstall [--sys-prefix | --user | --prefix DIR]",
  positionals: ["action"],
  options: {
    "sys-prefix": { type: "boolean", help: "in the environment of QMML_PYTHON or of the project's .venv; the default where there is one" },
    user: { type: "boolean", help: "for this user; the default elsewhere" },
    prefix: { type: "string", value: "DIR", help: "in DIR/share/jupyter/kernels" },
  },
  input: z.object({
    action: z.enum(["install", "uninstall"], "give install or uninstall"),
    sysPrefix: z.boolean().optional(),
    user: z.boolean().optional(),
    prefix: z.string().min(1, "give a folder").optional(),
  }),
  async run({ action, ...place }, io) {
    const folder = join(await kernelsFolder(place), NAME);
    if (action === "install") {
      await install(folder);
      io.print(`kernel ${NAME} installed in ${folder}`);
      return { json: { action, name: NAME, folder } };
    }
    const removed = existsSync(folder);
    await rm(folder, { recursive: true, force: true });
    io.print(removed ? `kernel ${NAME} removed from ${folder}` : `there is no kernel ${NAME} in ${folder}`);
    return { json: { action, name: NAME, folder, removed } };
  },
});
