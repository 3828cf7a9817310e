/**
 * Loads an installed TensorFlow into this process, quietly, and says on which device it calculates. A process can hold one, and in its main
 * thread: the native library reads its settings from the process's environment, of which a worker thread has only a copy.
 */

import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { isMainThread } from "node:worker_threads";
import { NODE_FLAGS } from "../threads.ts";
import { enginesFolder, installation, PACKAGES, type TensorflowName } from "./places.ts";
import type { TensorFlow } from "./tfjs.ts";

/** What can be said of a TensorFlow without holding it. */
export interface TensorflowDescription {
  readonly name: TensorflowName;
  /** Of the npm package. */
  readonly version: string;
  /** Of the native library. */
  readonly library: string;
  readonly device: "cpu" | "gpu";
  /** What the user should know: the GPU package found no GPU, or could not be loaded and the other took its place. */
  readonly warning?: string;
}

/** A TensorFlow in this process. */
export interface LoadedTensorflow extends TensorflowDescription {
  readonly tf: TensorFlow;
}

/** ms in which a TensorFlow loads from the slowest of disks. */
const LOADING = 60_000;

let inProcess: LoadedTensorflow | undefined;

/**
 * The installed TensorFlow of that name; without one `tensorflow-gpu`, else `tensorflow`.
 * @throws Error with the remedy if there is none, it does not load, the process holds another, or this is a worker thread
 */
export function loadTensorflow(name?: TensorflowName, folder: string = enginesFolder()): LoadedTensorflow {
  if (!isMainThread) throw new Error("TensorFlow loads in the main thread only: its settings are environment variables of the process");
  if (inProcess) {
    if (name === undefined || name === inProcess.name) return inProcess;
    throw new Error(`this process holds ${inProcess.name} already and cannot load ${name} as well; use another process`);
  }
  const wanted: readonly TensorflowName[] = name ? [name] : ["tensorflow-gpu", "tensorflow"];
  const there = wanted.filter((n) => installation(n, folder));
  if (there.length === 0) throw new Error(`${wanted.at(-1)} is not installed in ${folder}; run qmml engine install ${wanted.at(-1)}`);
  prepare();
  const failures: string[] = [];
  for (const n of there) {
    try {
      inProcess = described(n, required(n, folder), failures);
      return inProcess;
    } catch (error) {
      failures.push(`${n} does not load (${(error as Error).message.split("\n")[0]})`);
    }
  }
  throw new Error(`${failures.join("; ")}; remove its folder in ${folder} and run qmml engine install ${there.at(-1)}`);
}

/**
 * What `loadTensorflow` finds, asked of a process of its own: a library that crashes does not take this one along.
 * @throws Error with the remedy if it does not load.
 */
export async function tryTensorflow(name?: TensorflowName, folder: string = enginesFolder()): Promise<TensorflowDescription> {
  const code = `const { loadTensorflow } = await import(process.argv[1]);
    const { tf, ...description } = loadTensorflow(process.argv[2] || undefined, process.argv[3]);
    if (tf.tidy(() => tf.ones([2, 2]).matMul(tf.ones([2, 2])).dataSync()[3]) !== 2) throw new Error("it cannot multiply");
    console.log(JSON.stringify(description));`;
  const words = [...NODE_FLAGS, "--input-type=module", "-e", code, import.meta.url, name ?? "", folder];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: LOADING });
    return JSON.parse(stdout);
  } catch (error) {
    const { signal, stderr = "" } = error as { signal?: string; stderr?: string };
    const [what, package_] = [name ?? "TensorFlow", name ?? "tensorflow"];
    if (signal === "SIGILL") throw new Error(`${what} ends with SIGILL: it needs a processor with AVX; use the default engine`);
    const said = /^\w*Error: (.*)$/m.exec(stderr)?.[1];
    throw new Error(
      said ??
        `${what} does not load: its process ended with ${signal ?? `"${stderr.trim().slice(-200)}"`}; remove its folder in ${folder} and run ` +
          `qmml engine install ${package_}`,
    );
  }
}

/** The environment that the native library is to find, and functions of Node's that the package still asks for. */
function prepare(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
  // Products of f32 with ten bits of mantissa would pass for f32.
  process.env.NVIDIA_TF32_OVERRIDE = "0";
  // Gone in Node 24, and a warning on stderr before.
  Object.assign(createRequire(import.meta.url)("node:util"), {
    isArray: Array.isArray,
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
}

function required(name: TensorflowName, folder: string): TensorFlow {
  return createRequire(join(folder, name, "package.json"))(PACKAGES[name]);
}

function described(name: TensorflowName, tf: TensorFlow, failures: readonly string[]): LoadedTensorflow {
  const { isUsingGpuDevice, binding } = tf.backend();
  const warnings = [...failures];
  if (name === "tensorflow-gpu" && !isUsingGpuDevice)
    warnings.push("tensorflow-gpu finds no GPU with its drivers and CUDA libraries and calculates on the CPU");
  return {
    name,
    version: tf.version["tfjs-node"],
    library: binding.TF_Version,
    device: isUsingGpuDevice ? "gpu" : "cpu",
    ...(warnings.length > 0 ? { warning: warnings.join("; ") } : {}),
    tf,
  };
}
