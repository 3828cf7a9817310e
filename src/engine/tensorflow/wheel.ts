/**
 * TensorFlow's library and the binding of the npm package to it, from PyPI alone: a wheel of TensorFlow holds the library and its headers, the
 * npm package the binding's source, which asks for nothing but Node-API. For machines from which the package's own download cannot be reached.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, rmSync } from "node:fs";
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { TensorflowName } from "./places.ts";
import { ProgramError, program, sizeOf } from "./process.ts";

/** A file of PyPI. */
interface Wheel {
  readonly project: string;
  readonly version: string;
  readonly sha256: string;
  /** MB, for the reader. */
  readonly size: number;
}

/** The smallest whose C interface the binding is happy with; that for GPUs asks for CUDA 12 and cuDNN 8. For x86-64 Linux with glibc. */
export const WHEELS: Readonly<Record<TensorflowName, Wheel>> = {
  tensorflow: {
    project: "tensorflow-cpu",
    version: "2.15.1",
    sha256: "54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26",
    size: 207,
  },
  "tensorflow-gpu": {
    project: "tensorflow",
    version: "2.15.1",
    sha256: "bb0edd69103c154245c5f209f0507355cc68ba7e4de350084bc31edc562478e4",
    size: 475,
  },
};

/** One wheel for every Python, for only the library in it matters. */
const TARGET = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--platform", "manylinux2014_x86_64"];

/** The library into deps/lib, the headers that the binding needs into deps/include. */
const UNPACK = `import os, shutil, sys, zipfile
wheel, to = sys.argv[1:]
headers = ("tensorflow/include/tensorflow/c/", "tensorflow/include/tensorflow/core/platform/", "tensorflow/include/tsl/")
with zipfile.ZipFile(wheel) as z:
    for entry in z.infolist():
        name = entry.filename
        if name in ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"):
            path = os.path.join(to, "lib", os.path.basename(name))
        elif name.startswith(headers) and name.endswith(".h"):
            path = os.path.join(to, os.path.relpath(name, "tensorflow"))
        else:
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with z.open(entry) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
`;

/** ms between two looks at what has arrived. */
const LOOK = 300;

/** How to download. */
export interface DownloadOptions {
  /** With pip. */
  readonly python: string;
  /** Folder for the wheel. */
  readonly downloads: string;
  readonly signal?: AbortSignal;
  /** Is given what has arrived, MB. */
  readonly arrived: (size: number) => void;
}

/** How to build. */
export interface BuildOptions {
  readonly python: string;
  readonly compiler: string;
  /** Of the npm package. */
  readonly folder: string;
  /** Folder of node_api.h. */
  readonly headers: string;
  readonly signal?: AbortSignal;
}

/** Why a wheel is of no use here, if so. */
export function unsupported(): string | undefined {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const [platform, arch] = [process.platform, process.arch];
  if (platform === "linux" && arch === "x64") return header.glibcVersionRuntime ? undefined : "Linux without glibc";
  return `${platform} on ${arch}`;
}

/**
 * Downloads the wheel, or takes it as it was left by an earlier try.
 * @returns its path
 * @throws ProgramError with one sentence
 */
export async function download(name: TensorflowName, { python, downloads, signal, arrived }: DownloadOptions): Promise<string> {
  const { project, version, sha256, size } = WHEELS[name];
  const wheel = join(downloads, `${project}-${version}.whl`);
  if (existsSync(wheel)) {
    if ((await hash(wheel)) === sha256) return wheel;
    rmSync(wheel);
  }
  const temporary = join(downloads, "tmp");
  rmSync(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  const looking = setInterval(() => arrived(Math.min(size, sizeOf(temporary) / 1e6)), LOOK); // pip makes a copy in the end
  try {
    const pip = ["-m", "pip", "download", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--quiet", "--retries", "2"];
    await program(python, [...pip, "--no-deps", "--only-binary=:all:", ...TARGET, "-d", temporary, `${project}==${version}`], {
      cwd: downloads,
      environment: { ...process.env, TMPDIR: temporary },
      signal,
    });
  } finally {
    clearInterval(looking);
  }
  const [file] = (await readdir(temporary)).filter((entry) => entry.endsWith(".whl"));
  const found = await hash(join(temporary, file));
  if (found !== sha256) {
    rmSync(join(temporary, file));
    throw new ProgramError(
      `${project} ${version} arrived with the checksum ${found.slice(0, 12)} instead of ${sha256.slice(0, 12)}`,
      "check the package index that pip is set to, then run it again",
    );
  }
  await rename(join(temporary, file), wheel);
  return wheel;
}

/** Unpacks the library into the npm package and compiles its binding against it. */
export async function build(wheel: string, { python, compiler, folder, headers, signal }: BuildOptions): Promise<void> {
  const deps = join(folder, "deps");
  rmSync(deps, { recursive: true, force: true });
  await program(python, ["-c", UNPACK, wheel, deps], { cwd: folder, signal });
  const binding = join(folder, "lib", "napi-v8");
  await mkdir(binding, { recursive: true });
  const sources = ["tfjs_backend.cc", "tfjs_binding.cc"].map((file) => join("binding", file));
  const options = ["-std=c++17", "-O2", "-w", "-fPIC", "-shared", "-DNAPI_VERSION=8", `-I${join(deps, "include")}`, `-I${headers}`];
  const libraries = [`-L${join(deps, "lib")}`, "-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"];
  const output = ["-o", join(binding, "tfjs_binding.node"), "-Wl,-rpath,$ORIGIN/../../deps/lib"];
  await program(compiler, [...options, ...sources, ...output, ...libraries], { cwd: folder, signal });
  rmSync(join(deps, "include"), { recursive: true });
}

async function hash(file: string): Promise<string> {
  const sum = createHash("sha256");
  await pipeline(createReadStream(file), sum);
  return sum.digest("hex");
}
