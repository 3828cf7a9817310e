/** One code at the other end of a socket: it is asked one structure at a time, and is gone when its connection is. */
import type { Socket } from "node:net";
import { hostname } from "node:os";
import type { Structure } from "../../structure/structure.ts";
import { WorkerDeath } from "../worker.ts";
import { AFTER_FORCES, type Answer, BEFORE_FORCES, energyOf, forcesOf, HEADER, header, init, posdata, virialOf } from "./protocol.ts";

/** What a code answered, how long it took, wall s, and where it runs: the name of this machine, or the address that it connects from. */
export type Calculated = Answer & { readonly seconds: number; readonly node: string };

/** A connected code. */
export interface Client {
  readonly socket: Socket;
  /** Why it is not there any more; undefined while it is. */
  lost(): Error | undefined;
  /** Fulfilled when it says that it is ready. */
  ready(): Promise<void>;
  /**
   * Has it calculate.
   * @throws WorkerDeath with one sentence if it disconnects, answers for another number of atoms, or says what the protocol does not know.
   */
  calculate(structure: Structure, box: number): Promise<Calculated>;
  /** Ends the connection, for a reason that whoever waits for an answer is told. */
  drop(reason: Error): void;
  /** Tells it to end, and ends the connection; fulfilled when that is closed. */
  leave(): Promise<void>;
}

/** ms between two questions to a code that says it is busy. */
const PAUSE = 2;

/** ms that a code has to close its end. */
const FAREWELL = 500;

/** @param at the address as a user writes it */
export function clientOf(socket: Socket, at: string): Client {
  const { remoteAddress, localAddress } = socket;
  // Both ends of a UNIX socket have no address.
  const node = remoteAddress === localAddress ? hostname() : String(remoteAddress);
  let lost: Error | undefined;
  let chunks: Buffer[] = [];
  let wake = (): void => {};
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const lose = (reason: Error): void => {
    lost ??= reason;
    wake();
  };
  socket.setNoDelay(true);
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    wake();
  });
  // The close that follows says enough.
  socket.on("error", () => {});
  socket.on("close", () => lose(new WorkerDeath(`the code connected to ${at} has disconnected; see what it says, and start it again`)));

  const read = async (length: number): Promise<Buffer> => {
    let available = chunks.reduce((sum, { length }) => sum + length, 0);
    while (available < length) {
      if (lost) throw lost;
      const known = chunks.length;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      for (const chunk of chunks.slice(known)) available += chunk.length;
    }
    const all = Buffer.concat(chunks);
    chunks = all.length > length ? [all.subarray(length)] : [];
    return all.subarray(0, length);
  };
  const word = async (): Promise<string> => (await read(HEADER)).toString("latin1").trim();
  const drop = (reason: Error): void => {
    lose(reason);
    socket.destroy();
  };
  const refuse = (what: string): Error => {
    const reason = new WorkerDeath(`the code connected to ${at} ${what}`);
    drop(reason);
    return reason;
  };
  const status = async (): Promise<string> => {
    for (;;) {
      socket.write(header("STATUS"));
      const answer = await word();
      if (answer === "READY" || answer === "NEEDINIT" || answer === "HAVEDATA") return answer;
      // Some codes answer while they calculate, with a word of their own.
      if (!/^[A-Z]+$/.test(answer)) throw refuse(`answered ${JSON.stringify(answer)} to STATUS; it does not speak the i-PI protocol`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  };
  const forces = async (): Promise<Answer & { readonly atoms: number }> => {
    socket.write(header("GETFORCE"));
    const answer = await word();
    if (answer !== "FORCEREADY") throw refuse(`answered ${JSON.stringify(answer)} to GETFORCE; it does not speak the i-PI protocol`);
    const { energy, atoms } = energyOf(await read(BEFORE_FORCES));
    const forces = forcesOf(await read(24 * atoms));
    const { virial, more } = virialOf(await read(AFTER_FORCES));
    await read(more);
    return { energy, atoms, forces, virial };
  };
  const ready = async (): Promise<void> => {
    for (let answer = await status(); answer !== "READY"; answer = await status()) {
      if (answer === "NEEDINIT") socket.write(init());
      // Of a calculation that nobody waits for any more.
      else await forces();
    }
  };
  return {
    socket,
    lost: () => lost,
    ready,
    async calculate(structure, box) {
      await ready();
      const began = performance.now();
      socket.write(posdata(structure, box));
      while ((await status()) !== "HAVEDATA") await new Promise((resolve) => setTimeout(resolve, PAUSE));
      const seconds = (performance.now() - began) / 1000;
      const { atoms, ...answer } = await forces();
      const asked = structure.numbers.length;
      if (atoms !== asked)
        throw refuse(`calculated ${atoms} atoms and was sent ${asked}; start it with the structure that the study asks about`);
      return { ...answer, seconds, node };
    },
    drop,
    async leave() {
      socket.end(header("EXIT"));
      const late = setTimeout(() => socket.destroy(), FAREWELL);
      await closed;
      clearTimeout(late);
    },
  };
}
