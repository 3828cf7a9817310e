/**
 * AssemblyScript to WebAssembly, beside the sources that read it; TypeScript to JavaScript: src and kernel, each into its dist;
 * other files that the sources read are copied along. The extension has a builder of its own (`jupyter.mjs`).
 */
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { run } from "./process.mjs";

/** Folders with a tsconfig.json that compiles src into dist. */
const PROJECTS = [".", "kernel"];

/** AssemblyScript and what it becomes. The memory is the caller's, shared between threads; the kernels are given addresses. */
const KERNELS = { source: "src/engine/wasm/assembly/index.ts", target: "src/engine/wasm/build/kernels.wasm" };
const KERNEL_OPTIONS = [
  ...["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd", "--enable", "threads"],
  ...["--importMemory", "--sharedMemory", "--maximumMemory", "65536", "--disableWarning", "112"],
];

/** What only compilers and editors read. */
const NOT_COPIED = /(\.(ts|md)|\/tsconfig\.json)$/;

/** @typedef {import("./process.mjs").Context} Context */

/**
 * @param {string} root
 * @returns {boolean}
 */
export function compiled(root) {
  const stamp = stampFile(root);
  return (
    PROJECTS.every((project) => existsSync(join(root, project, "dist"))) &&
    existsSync(join(root, "node_modules", ".bin", "qmml")) &&
    existsSync(join(root, KERNELS.target)) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === stampText(root)
  );
}

/**
 * @param {Context} context
 * @returns {Promise<void>}
 */
export async function compile(context) {
  const { root } = context;
  const before = stampText(root);
  rmSync(stampFile(root), { force: true });
  const assembler = join(root, "node_modules", "assemblyscript", "bin", "asc.js");
  const parameters = [assembler, join(root, KERNELS.source), "-o", join(root, KERNELS.target), ...KERNEL_OPTIONS];
  await run(context, "build of the numeric kernels", process.execPath, parameters);
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  for (const project of PROJECTS)
    await run(context, `build of ${project === "." ? "src" : project}`, process.execPath, [compiler, "-p", join(root, project)]);
  for (const project of PROJECTS) matchSources(join(root, project, "src"), join(root, project, "dist"));
  linkCommand(root);
  writeFileSync(stampFile(root), before);
}

/**
 * `npx qmml` in this folder: npm links the commands of packages, not the project's own.
 * @param {string} root
 */
function linkCommand(root) {
  const program = join(root, "dist", "cli", "main.js");
  const link = join(root, "node_modules", ".bin", "qmml");
  chmodSync(program, 0o755);
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), program), link);
}

/**
 * Removes what came from sources that are gone, and copies what the compiler does not.
 * @param {string} source
 * @param {string} target
 */
function matchSources(source, target) {
  for (const path of filesUnder(target)) {
    const origin = join(source, relative(target, path).replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts"));
    if (!relative(target, path).startsWith(".") && !existsSync(origin)) rmSync(path);
  }
  for (const path of filesUnder(source)) {
    if (!NOT_COPIED.test(path)) cpSync(path, join(target, relative(source, path)));
  }
}

/**
 * @param {string} folder
 * @returns {string[]} paths of all files in it and below
 */
export function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { encoding: "utf8", recursive: true })
    .map((path) => join(folder, path))
    .filter((path) => !path.includes("__pycache__") && statSync(path).isFile())
    .sort();
}

/**
 * @param {string} root
 * @returns {string}
 */
function stampFile(root) {
  return join(root, "dist", ".built");
}

/**
 * Sizes and times rather than contents: it is asked at every start.
 * @param {string} root
 * @returns {string}
 */
function stampText(root) {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  for (const project of PROJECTS) {
    for (const path of [join(root, project, "tsconfig.json"), ...filesUnder(join(root, project, "src"))]) {
      if (path === join(root, KERNELS.target)) continue;
      const { size, mtimeMs } = statSync(path);
      hash.update(`${relative(root, path)} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest("hex");
}
