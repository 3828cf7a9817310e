/** `qmml engine list`: what the numbers can be calculated with. `qmml engine install NAME`: TensorFlow, into a folder of its own. */
import { existsSync } from "node:fs";
import { z } from "zod";
import { installTensorflow } from "../engine/tensorflow/install.ts";
import { type TensorflowDescription, tryTensorflow } from "../engine/tensorflow/load.ts";
import { enginesFolder, installation, PACKAGES, type TensorflowName } from "../engine/tensorflow/places.ts";
import { packageVersion } from "../io/package.ts";
import { pythonPath } from "../qm/worker.ts";
import { type Command, command as defined, type Io, type Outcome, UsageError } from "./command.ts";

const NAMES = Object.keys(PACKAGES) as TensorflowName[];

/** A row of the list. */
interface Row extends Partial<Omit<TensorflowDescription, "name">> {
  readonly name: string;
  readonly installed: boolean;
  readonly loads: boolean;
  /** Why it does not load. */
  readonly problem?: string;
}

export const command: Command = defined({
  usage: `list | install ${NAMES.join("|")}`,
  positionals: ["action", "name?"],
  options: {},
  input: z.object({ action: z.enum(["list", "install"], "give list or install"), name: z.string().optional() }),
  run({ action, name }, io) {
    if (action === "list") {
      if (name !== undefined) throw new UsageError("list takes no NAME");
      return list(io);
    }
    if (name === undefined) throw new UsageError(`install takes a NAME; give ${NAMES.join(" or ")}`);
    const known = NAMES.find((n) => n === name);
    if (known === undefined) throw new UsageError(`${name} cannot be installed; give ${NAMES.join(" or ")}`);
    return install(known, io);
  },
});

async function list(io: Io): Promise<Outcome> {
  const wasm: Row = { name: "wasm", installed: true, loads: true, version: packageVersion(), device: "cpu" };
  const engines = [wasm, ...(await Promise.all(NAMES.map(row)))];
  for (const { name, installed, loads, version, library, device, warning, problem } of engines) {
    const versions = library === undefined ? version : `${PACKAGES[name as TensorflowName]} ${version}, TensorFlow ${library}`;
    const absent = installed ? `does not load: ${problem}` : `not installed; qmml engine install ${name}`;
    io.print(`${name.padEnd(14)}  ${loads ? `${device?.toUpperCase()}  ${versions}` : absent}`);
    if (warning) io.print(`${" ".repeat(16)}${warning}`);
  }
  return { json: { engines } };
}

async function row(name: TensorflowName): Promise<Row> {
  if (!installation(name)) return { name, installed: false, loads: false };
  try {
    return { installed: true, loads: true, ...(await tryTensorflow(name)) };
  } catch (error) {
    return { name, installed: true, loads: false, problem: (error as Error).message };
  }
}

async function install(name: TensorflowName, io: Io): Promise<Outcome> {
  const folder = enginesFolder();
  const before = installation(name, folder) !== undefined;
  const began = performance.now();
  const pythons = [...new Set([pythonPath(), "python3"])].filter((path) => path === "python3" || existsSync(path));
  const record = await installTensorflow(name, {
    pythons,
    folder,
    signal: io.signal,
    report: (step) => {
      io.live([]);
      io.print(step);
    },
    arrived: (size) => io.live([`  ${size.toFixed(0)} MB`]),
  });
  const seconds = (performance.now() - began) / 1000;
  const found = await tryTensorflow(name, folder);
  if (found.warning) io.warn(found.warning);
  io.print(
    `${name} ${before ? "was installed already" : `installed in ${seconds.toFixed(0)} s`}: ${record.package} ${found.version}, ` +
      `TensorFlow ${found.library} on the ${found.device.toUpperCase()}, in ${folder}`,
  );
  return {
    json: { ...record, folder, seconds, library: found.library, device: found.device, ...(found.warning && { warning: found.warning }) },
  };
}
