import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { installTensorflow } from "../../src/engine/tensorflow/install.ts";
import { installation, PACKAGES } from "../../src/engine/tensorflow/places.ts";
import { ENGINES } from "./engines.ts";

/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:9";

let folder: string;
let environment: NodeJS.ProcessEnv;
const steps: string[] = [];
const options = (signal?: AbortSignal): Parameters<typeof installTensorflow>[1] => ({
  folder,
  pythons: ["python3"],
  signal,
  report: (step) => steps.push(step),
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qmml engines "));
  environment = { ...process.env };
  Object.assign(process.env, {
    npm_config_registry: NOWHERE,
    npm_config_cache: join(folder, "cache"),
    npm_config_fetch_retries: "0",
    PIP_INDEX_URL: NOWHERE,
    PIP_NO_INDEX: "",
    PIP_RETRIES: "0",
    // Not even where it can be reached: the way over PyPI is what is tested.
    TFJS_NODE_BASE_URI: `${NOWHERE}/`,
  });
  steps.length = 0;
});

afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  rmSync(folder, { recursive: true, force: true });
});

/** What an interrupted installation left behind when npm had finished, linked from the whole one. */
function leaveNpmPackage(): string {
  const place = join(folder, "unfinished", "tensorflow");
  const [modules, whole] = [join(place, "node_modules"), join(ENGINES, "tensorflow", "node_modules")];
  mkdirSync(join(modules, "@tensorflow"), { recursive: true });
  for (const name of readdirSync(whole)) if (name !== "@tensorflow") symlinkSync(join(whole, name), join(modules, name));
  for (const name of readdirSync(join(whole, "@tensorflow"))) {
    if (`@tensorflow/${name}` !== PACKAGES.tensorflow) symlinkSync(join(whole, "@tensorflow", name), join(modules, "@tensorflow", name));
  }
  const isSource = (path: string): boolean => !/tfjs-node\/(deps|lib)(\/|$)/.test(path);
  cpSync(join(whole, PACKAGES.tensorflow), join(modules, PACKAGES.tensorflow), { recursive: true, filter: isSource });
  return place;
}

const nothingThere = (): void => {
  assert.equal(installation("tensorflow", folder), undefined);
  assert.equal(existsSync(join(folder, "tensorflow")), false);
  assert.equal(existsSync(join(folder, "unfinished", "tensorflow.lock")), false);
};

describe("installing TensorFlow", () => {
  it("does nothing where it is", async () => {
    const there = installation("tensorflow", ENGINES);
    assert.deepEqual(await installTensorflow("tensorflow", { pythons: [], folder: ENGINES }), there);
    assert.equal(there?.package, "@tensorflow/tfjs-node");
  });

  it("without a network says so", async () => {
    await assert.rejects(installTensorflow("tensorflow", options()), {
      message:
        "tensorflow is not installed: npm says that the network or the host is out of reach; check the connection and the proxy settings, then run it again",
    });
    nothingThere();
  });

  it("without npm says so", async () => {
    process.env.PATH = folder;
    await assert.rejects(installTensorflow("tensorflow", options()), /npm is not on the PATH; install it/);
    nothingThere();
  });

  it("goes on after npm, and without a compiler says so before anything is downloaded", async () => {
    leaveNpmPackage();
    process.env.CXX = "no-such-compiler";
    await assert.rejects(installTensorflow("tensorflow", options()), /no-such-compiler is missing; install it .* g\+\+/);
    assert.deepEqual(steps.slice(0, 1), ["its library, by the package's own download"]);
    assert.match(steps[1], /that fails: node says that the network or the host is out of reach/);
    assert.equal(steps.length, 2);
    nothingThere();
  });

  it("without pip says so", async () => {
    leaveNpmPackage();
    process.env.CXX = process.execPath;
    await assert.rejects(
      installTensorflow("tensorflow", { ...options(), pythons: ["no-such-python"] }),
      /no Python with pip \(no-such-python\); install it/,
    );
  });

  it("does not take half a wheel for a whole one", async () => {
    const place = leaveNpmPackage();
    process.env.CXX = process.execPath; // stands for a compiler that is there; it is never asked to compile
    const wheel = join(place, "downloads", "tensorflow-cpu-2.15.1.whl");
    mkdirSync(dirname(wheel));
    writeFileSync(wheel, "half");
    await assert.rejects(installTensorflow("tensorflow", options()), /python3 says that the (network|registry)/);
    assert.equal(existsSync(wheel), false);
    nothingThere();
  });

  it("in a folder that cannot be written says so", async () => {
    writeFileSync(join(folder, "file"), "");
    const inFile = installTensorflow("tensorflow", { ...options(), folder: join(folder, "file") });
    await assert.rejects(inFile, /cannot be written \(ENOTDIR\); set QMML_ENGINES/);
  });

  it("waits for no other: the second is told which process is at it", async () => {
    mkdirSync(join(folder, "unfinished"));
    const lock = join(folder, "unfinished", "tensorflow.lock");
    writeFileSync(lock, String(process.ppid));
    await assert.rejects(installTensorflow("tensorflow", options()), new RegExp(`process ${process.ppid} is at it already`));
    writeFileSync(lock, "999999999"); // of a process that is no more
    await assert.rejects(installTensorflow("tensorflow", options()), /npm says/);
    nothingThere();
  });

  it("stopped in the middle ends what it started", { timeout: 60_000 }, async () => {
    const silent = createServer().listen(0, "127.0.0.1"); // takes the connection and never answers
    await once(silent, "listening");
    process.env.npm_config_registry = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const stop = new AbortController();
    const installing = installTensorflow("tensorflow", options(stop.signal));
    const [connection] = await once(silent, "connection");
    // Its end is told once what came before has been read.
    connection.resume();
    const closed = once(connection, "close");
    stop.abort(new Error("interrupted"));
    await assert.rejects(installing, /^Error: interrupted$/);
    await closed;
    silent.close();
    nothingThere();
  });
});
