import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Result } from "../../src/calculators/calculator.ts";
import { emtResult } from "../../src/calculators/emt.ts";
import { formatExtxyz } from "../../src/io/extxyz.ts";
import { EngineLoss, type EngineOptions, type QmEngine, TimedOut } from "../../src/qm/engine.ts";
import { checkedSpec, openEngine } from "../../src/qm/engines.ts";
import { settingsOf } from "../../src/qm/image.ts";
import { type IpiOptions, ipi } from "../../src/qm/ipi/engine.ts";
import { pythonPath, WorkerDeath } from "../../src/qm/worker.ts";
import { rattle } from "../../src/structure/rattle.ts";
import { formula, type Structure, structure } from "../../src/structure/structure.ts";
import { BOHR, HARTREE } from "../../src/units.ts";

const CLIENT = fileURLToPath(new URL("./ipiClient.py", import.meta.url));

const at = mkdtempSync(join(tmpdir(), "qmml ipi "));
after(() => rmSync(at, { recursive: true, force: true }));

/** A sheared cell of copper and nitrogen, periodic in three directions, without any symmetry. */
const crystal = structure({
  symbols: ["Cu", "Cu", "N", "Cu", "Cu"],
  positions: [0, 0, 0, 1.9, 1.7, 0.1, 1.8, -0.1, 1.9, 0.2, 1.9, 1.8, 3.3, 3.1, 3.2],
  cell: [4.9, 0.3, -0.2, 0.4, 5.1, 0.5, -0.1, 0.2, 5.3],
  pbc: true,
});
const cluster = structure({ symbols: ["Cu", "Cu", "Cu", "Cu"], positions: [0, 0, 0, 2.4, 0.3, -0.2, 0.9, 2.3, 0.4, 1.1, 0.8, 2.1] });
const moved = (s: Structure, seed: number): Structure => rattle(s, { stdev: 0.08, seed });

let names = 0;
/** A UNIX socket that no other test has, nor another run of the tests. */
function address(): string {
  return `unix:qmml-${process.pid}-${names++}`;
}
const fileOf = (name: string): string => `/tmp/ipi_${name.slice("unix:".length)}`;

/** An engine that is closed after its test, at the latest. */
async function open(given: Partial<IpiOptions> & { address: string }, options: EngineOptions = {}): Promise<QmEngine> {
  const engine = await openEngine(ipi({ code: "ASE 3.28.0, EMT", elements: "Cu4", wait: 20, ...given }), options);
  after(() => engine.close());
  return engine;
}

/** ASE's client as a process, which is tried again until the socket is there; `ended` is its last exit status. */
function client(
  place: string,
  s: Structure,
  seconds = 0,
): { child?: ChildProcess; output: string; readonly ended: Promise<number | null> } {
  const path = join(at, `${names++}.xyz`);
  writeFileSync(path, formatExtxyz([{ structure: s }]));
  const started: { child?: ChildProcess; output: string } = { output: "" };
  const run = async (): Promise<number | null> => {
    // It gives up if nobody listens.
    while (place.startsWith("unix:") ? !existsSync(fileOf(place)) : !(await listens(Number(place.split(":")[1])))) await sleep(5);
    const child = spawn(pythonPath(), [CLIENT, place, path, String(seconds)], { stdio: ["ignore", "pipe", "pipe"] });
    started.child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      started.output += text;
    });
    after(() => child.kill("SIGKILL"));
    const [status] = await once(child, "close");
    return status as number | null;
  };
  return Object.assign(started, { ended: run() });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const trial = createServer();
    trial.once("error", () => resolve(true));
    trial.listen(port, "127.0.0.1", () => trial.close(() => resolve(false)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

function assertSame(found: Result, expected: Result): void {
  // Bohr there and back costs a last digit of the positions; an energy of 10 eV and forces of 10 eV/Å notice 1e-14 of it.
  const near = (a: ArrayLike<number> = [], b: ArrayLike<number> = []): void => {
    assert.equal(a.length, b.length);
    for (let k = 0; k < b.length; k++) assert.ok(Math.abs(a[k] - b[k]) < 1e-10, `${a[k]} is not ${b[k]}`);
  };
  near([found.energy], [expected.energy]);
  near(found.forces, expected.forces);
  near(found.stress, expected.stress);
}

const head = (word: string): Buffer => Buffer.from(word.padEnd(12));

/** What a scripted code answers: to STATUS a word, to GETFORCE these bytes. */
interface Script {
  status(asked: number, hasData: boolean): string | undefined;
  forces?(positions: Float64Array, cell: Float64Array): Buffer;
  /** Bytes that are sent at a time. */
  readonly bite?: number;
}

/** A code that does as a script says, byte for byte: for what no orderly code does. Also gathers what it is sent. */
async function scripted(place: string, { status, forces, bite }: Script): Promise<{ socket: Socket; readonly heard: string[] }> {
  while (!existsSync(fileOf(place))) await sleep(2);
  const socket = createConnection(fileOf(place));
  after(() => socket.destroy());
  const heard: string[] = [];
  let [asked, hasData] = [0, false];
  let positions: Float64Array = new Float64Array(0);
  let cell: Float64Array = new Float64Array(0);
  let bytes = Buffer.alloc(0);
  const doubles = (from: number, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, k) => bytes.readDoubleLE(from + 8 * k));
  const say = async (answer: Buffer): Promise<void> => {
    for (let k = 0; k < answer.length; k += bite ?? answer.length) {
      socket.write(answer.subarray(k, k + (bite ?? answer.length)));
      if (bite) await sleep(0);
    }
  };
  socket.on("error", () => {});
  socket.on("data", async (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 12) {
      const word = bytes.toString("latin1", 0, 12).trim();
      const atoms = word === "POSDATA" ? bytes.readInt32LE(156) : 0;
      if (word === "POSDATA") [cell, positions] = [doubles(12, 9), doubles(160, 3 * atoms)];
      const more = { INIT: 9, POSDATA: 148 + 24 * atoms }[word] ?? 0;
      bytes = bytes.subarray(12 + more);
      heard.push(word);
      if (word === "POSDATA" || word === "GETFORCE") hasData = word === "POSDATA";
      if (word === "STATUS") {
        const answer = status(asked++, hasData);
        if (answer !== undefined) void say(head(answer));
      }
      if (word === "GETFORCE" && forces) void say(forces(positions, cell));
    }
  });
  await once(socket, "connect");
  return { socket, heard };
}

/** A well-formed answer of zeros, with this number of atoms and bytes at its end. */
function zeros(atoms: number, more = 0): Buffer {
  const body = Buffer.alloc(12 + 24 * atoms + 76 + more);
  body.writeInt32LE(atoms, 8);
  body.writeInt32LE(more, 12 + 24 * atoms + 72);
  return Buffer.concat([head("FORCEREADY"), body]);
}

/** Ready, and done as soon as it has positions. */
const orderly = (_asked: number, hasData: boolean): string => (hasData ? "HAVEDATA" : "READY");

describe("ASE's SocketClient", () => {
  it("by UNIX socket: energy, forces and stress of ASE's EMT; told to end, it ends", async () => {
    const place = address();
    const engine = await open({ address: place, elements: "Cu2NCu2" });
    const ase = await openEngine({ engine: "ase-emt" });
    after(() => ase.close());
    const { ended } = client(place, crystal);
    for (const seed of [1, 2, 3]) {
      const s = { ...moved(crystal, seed), cell: crystal.cell.map((x, k) => x * (1 + 0.003 * seed * Math.sin(k))) };
      const wanted = ["energy", "forces", "stress"] as const;
      assertSame(await engine.calculate(s, wanted), await ase.calculate(s, wanted));
    }
    await engine.close();
    assert.equal(await ended, 0);
    assert.ok(!existsSync(fileOf(place)));
  });

  it("by port of the loopback interface: a cluster that does not repeat", async () => {
    const port = await freePort();
    const engine = await open({ address: `localhost:${port}` });
    const { ended } = client(`localhost:${port}`, cluster);
    for (const seed of [1, 2]) {
      const s = moved(cluster, seed);
      const answer = await engine.calculate(s, ["energy", "forces"]);
      assertSame(answer, emtResult(s, ["forces"]));
      assert.equal(answer.node, hostname());
    }
    await engine.close();
    assert.equal(await ended, 0);
  });

  it("two of them serve two calls at once; more calls wait their turn", async () => {
    const place = address();
    const engine = await open({ address: place });
    const both = [client(place, cluster, 0.3), client(place, cluster, 0.3)];
    const asked = [1, 2, 3, 4, 5, 6].map((seed) => moved(cluster, seed));
    const results = await Promise.all(asked.map((s) => engine.calculate(s, ["energy", "forces"])));
    for (const [k, s] of asked.entries()) assertSame({ ...results[k] }, emtResult(s, ["forces"]));
    // The first to come may have had more of them, never all.
    for (const { output } of both) assert.ok(output.trim().split("\n").length >= 2, output);
    for (const { seconds } of results) assert.ok(seconds !== undefined && seconds >= 0.3 && seconds < 5, `${seconds} s`);
  });

  it("killed in the middle of a calculation: the call goes to the next that connects", async () => {
    const place = address();
    const engine = await open({ address: place });
    const first = client(place, cluster, 30);
    const asked = engine.calculate(cluster, ["energy", "forces"]);
    while (first.output === "") await sleep(5);
    first.child?.kill("SIGKILL");
    await first.ended;
    client(place, cluster);
    assertSame(await asked, emtResult(cluster, ["forces"]));
  });

  it("killed, where one try was allowed: one sentence, and the next call finds the next code", async () => {
    const place = address();
    const engine = await open({ address: place }, { tries: 1 });
    const first = client(place, cluster, 30);
    const asked = engine.calculate(cluster, ["energy"]);
    const failed = assert.rejects(asked, (error) => {
      assert.ok(error instanceof WorkerDeath);
      assert.equal(error.message, `the code connected to ${place} has disconnected; see what it says, and start it again`);
      return true;
    });
    while (first.output === "") await sleep(5);
    first.child?.kill("SIGKILL");
    await failed;
    client(place, cluster);
    assert.equal((await engine.calculate(cluster, ["energy"])).energy.toFixed(9), emtResult(cluster, []).energy.toFixed(9));
  });

  it("that takes too long is let go; with nobody else the call fails in one sentence", async () => {
    const place = address();
    const engine = await open({ address: place }, { timeout: 0.3, tries: 1 });
    const slow = client(place, cluster, 2);
    await assert.rejects(engine.calculate(cluster, ["energy"]), (error) => {
      assert.ok(error instanceof TimedOut);
      assert.equal(error.message, "it took more than 0.3 s; its connection was closed");
      return true;
    });
    // It finds out when it wants to answer.
    await slow.ended;
  });

  it("keeps its connection when a call is given up; the answer that nobody waits for is not taken for another's", async () => {
    const place = address();
    const engine = await open({ address: place });
    const only = client(place, cluster, 2);
    const giveUp = new AbortController();
    const asked = engine.calculate(cluster, ["energy"], giveUp.signal);
    while (only.output === "") await sleep(5);
    const began = performance.now();
    giveUp.abort(new Error("enough"));
    await assert.rejects(asked, /^Error: enough$/);
    // The client answers after two seconds.
    assert.ok(performance.now() - began < 2000);
    const s = moved(cluster, 7);
    assertSame(await engine.calculate(s, ["energy", "forces"]), emtResult(s, ["forces"]));
    assert.match(only.output, /^(\d+) 1\n\1 2\n$/);
    await assert.rejects(engine.calculate(s, ["energy"], AbortSignal.abort(new Error("before"))), /before/);
  });
});

describe("a server of the i-PI protocol", () => {
  it("sends positions and cell in atomic units, lattice vectors as columns, and a box where there are none", async () => {
    const place = address();
    const engine = await open({ address: place, box: 30 });
    const seen: [Float64Array, Float64Array][] = [];
    const { heard } = await scriptedWhenAsked(place, engine, {
      status: orderly,
      forces: (positions, cell) => {
        seen.push([positions, cell]);
        return zeros(4);
      },
    });
    const slab = { ...cluster, cell: Float64Array.of(5, 0.1, 0.2, 0.3, 6, 0.4, 0, 0, 0) };
    await engine.calculate(slab, ["energy"]);
    const [[positions, cell], [, other]] = [seen[1], seen[0]];
    for (const [k, x] of cluster.positions.entries()) assert.ok(Math.abs(positions[k] * BOHR - x) < 1e-14);
    const rows = Array.from({ length: 9 }, (_, k) => cell[3 * (k % 3) + Math.floor(k / 3)] * BOHR);
    for (const [k, x] of slab.cell.subarray(0, 6).entries()) assert.ok(Math.abs(rows[k] - x) < 1e-14);
    assert.ok(Math.abs(Math.hypot(...rows.slice(6)) - 30) < 1e-12);
    for (const k of [0, 3]) assert.ok(Math.abs(rows.slice(6).reduce((sum, x, i) => sum + x * rows[k + i], 0)) < 1e-12);
    assert.deepEqual(
      [...other].map((x) => x * BOHR),
      [30, 0, 0, 0, 30, 0, 0, 0, 30],
    );
    // Asked when it connects, and at each call.
    const call = ["STATUS", "POSDATA", "STATUS", "GETFORCE"];
    assert.deepEqual(heard, ["STATUS", ...call, ...call]);
  });

  it("understands an answer that comes byte by byte, has bytes at its end, and fills one triangle of the virial", async () => {
    const place = address();
    const engine = await open({ address: place });
    const answer = (): Buffer => {
      const bytes = zeros(4, 7);
      bytes.writeDoubleLE(-1.5, 12);
      for (let k = 0; k < 12; k++) bytes.writeDoubleLE(0.01 * k, 24 + 8 * k);
      for (const [k, v] of [1, 2, 3, 0, 4, 5, 0, 0, 6].entries()) bytes.writeDoubleLE(v, 24 + 96 + 8 * k);
      return bytes;
    };
    const s = { ...cluster, cell: Float64Array.of(2, 0, 0, 0, 5, 0, 0, 0, 10), pbc: [true, true, true] as const };
    const asked = engine.calculate(s, ["energy", "forces", "stress"]);
    await scripted(place, { status: orderly, forces: answer, bite: 5 });
    const { energy, forces, stress } = await asked;
    assert.equal(energy, -1.5 * HARTREE);
    assert.deepEqual(
      forces,
      Float64Array.from({ length: 12 }, (_, k) => (0.01 * k * HARTREE) / BOHR),
    );
    assert.deepEqual(
      stress,
      Float64Array.of(1, 4, 6, 5, 3, 2).map((v) => (-v * HARTREE) / 100),
    );
    // And a second one over the same connection.
    assert.equal((await engine.calculate(s, ["energy"])).energy, energy);
  });

  it("initializes a code that asks for it, throws away what nobody asked for, and waits for one that is busy", async () => {
    const place = address();
    const engine = await open({ address: place });
    const asked = engine.calculate(cluster, ["energy"]);
    const words = ["NEEDINIT", "HAVEDATA", "READY", "READY", "BUSY", "BUSY", "HAVEDATA"];
    const { heard } = await scripted(place, { status: (k) => words[k], forces: () => zeros(4) });
    assert.ok(Math.abs((await asked).energy) === 0);
    assert.deepEqual(heard, [
      ...["STATUS", "INIT", "STATUS", "GETFORCE", "STATUS"],
      ...["STATUS", "POSDATA", "STATUS", "STATUS", "STATUS", "GETFORCE"],
    ]);
  });

  it("says what is wrong with a code that calculates other atoms, or speaks another language", async () => {
    const place = address();
    const engine = await open({ address: place, wait: 0.4 }, { tries: 1 });
    const asked = engine.calculate(cluster, ["energy"]);
    const { socket } = await scripted(place, { status: orderly, forces: () => zeros(3) });
    await assert.rejects(
      asked,
      new RegExp(`^WorkerDeath: the code connected to ${place} calculated 3 atoms and was sent 4; start it with the structure that`),
    );
    await once(socket, "close");
    const again = engine.calculate(cluster, ["energy"]);
    await scripted(place, { status: orderly, forces: () => head("WRONG") });
    await assert.rejects(again, /answered "WRONG" to GETFORCE; it does not speak the i-PI protocol$/);
    // One that is no code at all never gets a call.
    const third = engine.calculate(cluster, ["energy"]);
    const lost = assert.rejects(
      third,
      /^EngineLoss: no code has connected to unix:.* for 0\.4 s; start one, or raise the engine's option wait$/,
    );
    await scripted(place, { status: () => "GET / HTTP/1." });
    await lost;
  });

  it("asked for a stress, refuses a virial of nothing but zeros", async () => {
    const place = address();
    const engine = await open({ address: place, elements: "Cu2NCu2" });
    const asked = engine.calculate(crystal, ["energy", "stress"]);
    await scripted(place, { status: orderly, forces: () => zeros(5) });
    await assert.rejects(asked, /^Error: ASE 3\.28\.0, EMT sent no virial; have it calculate the stress, or do not ask for it$/);
  });

  it("takes the place of a killed process, not of one that listens", async () => {
    const place = address();
    const script = `require("node:net").createServer().listen(${JSON.stringify(fileOf(place))}, () => process.kill(process.pid, "SIGKILL"))`;
    await once(spawn(process.execPath, ["-e", script]), "close");
    assert.ok(existsSync(fileOf(place)));
    const engine = await open({ address: place });
    const asked = engine.calculate(cluster, ["energy"]);
    const other = await open({ address: place });
    await sleep(50);
    await assert.rejects(other.calculate(cluster, ["energy"]), (error) => {
      assert.ok(error instanceof EngineLoss);
      assert.equal(
        error.message,
        `no code can connect to ${place} (another program listens there); end what uses it, or take another address`,
      );
      return true;
    });
    await scripted(place, { status: orderly, forces: () => zeros(4) });
    await asked;
  });

  it("leaves a file alone that is no socket, and names a host that is not this machine", async () => {
    const folder = mkdtempSync(join(tmpdir(), "qmml-ipi-"));
    const file = join(folder, "plain.txt");
    writeFileSync(file, "a user's own");
    for (const [place, message] of [
      [
        `unix:${file}`,
        `no code can connect to unix:${file} (${file} is there and is no socket); end what uses it, or take another address`,
      ],
      [
        "192.0.2.1:31415", // of the block that is for documentation, and nobody's
        "no code can connect to 192.0.2.1:31415: 192.0.2.1 is no address of this machine; give localhost, or one that it has",
      ],
    ]) {
      const engine = await open({ address: place });
      await assert.rejects(engine.calculate(cluster, ["energy"]), { name: "EngineLoss", message });
    }
    assert.equal(readFileSync(file, "utf8"), "a user's own");
    rmSync(folder, { recursive: true });
  });

  it("what it adds to a call", async (t) => {
    const place = address();
    const engine = await open({ address: place, elements: "Cu200" });
    const many = structure({ symbols: Array(200).fill("Cu"), positions: Array.from({ length: 600 }, (_, k) => k) });
    const answer = zeros(200);
    const first = engine.calculate(many, ["energy"]);
    await scripted(place, { status: orderly, forces: () => answer });
    await first;
    const times: number[] = [];
    for (let k = 0; k < 50; k++) {
      const began = performance.now();
      await engine.calculate(many, ["energy", "forces"]);
      times.push(performance.now() - began);
    }
    const median = times.sort((a, b) => a - b)[25];
    t.diagnostic(`${median.toFixed(2)} ms a call of 200 atoms (bar on a machine with nothing else to do: 5 ms)`);
    // Tells a call from a new connection after a wait, on a machine however loaded.
    assert.ok(median < 200, `${median} ms`);
  });

  it("closed, lets go of those that wait and of those that calculate, and does not keep the process", async () => {
    const place = address();
    const engine = await open({ address: place });
    const asked = [engine.calculate(cluster, ["energy"]), engine.calculate(cluster, ["energy"])];
    const failed = asked.map((call) => assert.rejects(call, /^Error: the engine was closed$/));
    const { socket, heard } = await scripted(place, { status: (k) => (k < 2 ? "READY" : undefined) });
    while (!heard.includes("POSDATA")) await sleep(2);
    await engine.close();
    await Promise.all(failed);
    if (!socket.closed) await once(socket, "close");
    await assert.rejects(engine.calculate(cluster, ["energy"]), /the engine was closed/);
  });

  /** A first call with a code that serves it. */
  async function scriptedWhenAsked(place: string, engine: QmEngine, script: Script): ReturnType<typeof scripted> {
    const asked = engine.calculate(cluster, ["energy"]);
    const code = await scripted(place, script);
    await asked;
    return code;
  }
});

describe("an ipi specification", () => {
  const spec = { engine: "ipi", address: "unix:a", code: "X 1", elements: "Cu4" };

  for (const [wrong, message] of [
    [{ address: "here" }, /^ipi's option address is "here"; give "unix:NAME" or "localhost:PORT"$/],
    [{ address: "localhost:99999" }, /^ipi's option address is "localhost:99999"; give a port from 1 to 65535$/],
    [{ address: "localhost:0" }, /; give a port from 1 to 65535$/],
    [{ address: `unix:/tmp/${"x".repeat(103)}` }, /; give a name whose socket has a path of at most 107 bytes: /],
    [{ address: `unix:${"x".repeat(99)}` }, /; give a name whose socket has a path of at most 107 bytes: /],
    [{ address: undefined }, /^ipi needs the option address; give "unix:NAME" or "localhost:PORT"$/],
    [{ code: "" }, /^ipi's option code is ""; give the code's name, version and settings, e\.g\. "CP2K/],
    [{ elements: "cu4" }, /^ipi's option elements is "cu4"; give the elements that the code was started with, in the order of its atoms/],
    [{ elements: "Cu4Qq" }, /^ipi's option elements is "Cu4Qq"; give the elements/],
    [{ wait: 0 }, /^ipi's option wait is 0; give a positive number of s$/],
    [{ port: 3 }, /^ipi has no option "port"; it has address, code, elements, wait, box, charge, multiplicity$/],
  ] as const) {
    it(`${JSON.stringify(wrong)} is refused`, () => {
      assert.throws(() => checkedSpec({ ...spec, ...wrong }), { name: "RangeError", message });
    });
  }

  it("refuses structures that the code was not started with", async () => {
    const engine = await open({ address: address(), elements: "Cu2 N Cu2", charge: 1, multiplicity: 3 });
    const charged = { ...crystal, charge: 1 };
    engine.accepts(charged);
    engine.accepts({ ...charged, multiplicity: 3 });
    const wrongs: [Structure, RegExp][] = [
      [cluster, /^the code that ipi waits for was started with Cu2NCu2, and this structure is Cu4; start one with it, or ask for none$/],
      [{ ...charged, numbers: charged.numbers.toReversed().with(0, 7).with(2, 29) }, /and this structure is NCu4; start/],
      [crystal, /^Cu4N has a charge of 0, and ipi's option charge says 1; start the code with it and say so there$/],
      [{ ...charged, multiplicity: 1 }, /^Cu4N has a multiplicity of 1, and ipi's option multiplicity says 3; /],
    ];
    for (const [s, message] of wrongs) {
      assert.throws(() => engine.accepts(s), { name: "RangeError", message }, formula(s));
      await assert.rejects(engine.calculate(s, ["energy"]), { name: "RangeError", message });
    }
    await assert.rejects((await open({ address: address() })).calculate(cluster, ["stress"]), /the stress needs 3 lattice vectors/);
  });

  it("identifies images by code and elements, not by the place where the code is reached", () => {
    const settings = settingsOf(spec, "X 1");
    assert.equal(settingsOf({ ...spec, address: "localhost:1", wait: 3 }, "X 1"), settings);
    for (const other of [{ code: "X 2" }, { elements: "Cu5" }, { box: 3 }])
      assert.notEqual(settingsOf({ ...spec, ...other }, "X 1"), settings);
  });
});
