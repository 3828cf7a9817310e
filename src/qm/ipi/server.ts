/**
 * A socket that codes connect to, by UNIX name or TCP port. Calls go to whichever code is free; those beyond wait their turn, or wait for a code to
 * connect. A call whose code disconnects, or takes too long, goes to another one, or to the same when it has come back.
 */
import { lstatSync, rmSync } from "node:fs";
import { createConnection, createServer, type ListenOptions, type Server } from "node:net";
import type { Structure } from "../../structure/structure.ts";
import { EngineLoss, type EngineOptions, TimedOut } from "../engine.ts";
import { WorkerDeath } from "../worker.ts";
import { type Calculated, type Client, clientOf } from "./client.ts";

/** Codes that share the calls. */
export interface IpiServer {
  /**
   * @throws EngineLoss if no code is connected for as long as the server waits, or the socket cannot be opened.
   * @throws WorkerDeath or TimedOut if the last code that was asked is lost as well.
   * @throws the signal's reason at once if it is aborted; the code calculates to its end, and its answer is thrown away.
   */
  ask(structure: Structure, signal?: AbortSignal): Promise<Calculated>;
  /** Tells the codes to end, and closes the socket; calls under way fail. */
  close(): Promise<void>;
}

/** How a server works. */
export interface ServerOptions extends Pick<EngineOptions, "timeout" | "tries"> {
  /** s that a call waits while no code is connected. */
  readonly wait: number;
  /** Å; see `posdata`. */
  readonly box: number;
}

/** Where codes that speak the protocol look for a UNIX socket of a name. */
const PREFIX = "/tmp/ipi_";

/** ms that a timer can wait at most. */
const LONGEST = 2 ** 31 - 1;

/** Opens nothing yet: the socket is there from the first call on. */
export function ipiServer(address: string, { wait, box, timeout, tries = 2 }: ServerOptions): IpiServer {
  const clients = new Set<Client>();
  const free: Client[] = [];
  const waiting: ((client: Client) => void)[] = [];
  const closing = new AbortController();
  let opened: Promise<Server> | undefined;
  let calls = 0;

  const hand = (client: Client): void => {
    if (client.lost()) return;
    const next = waiting.shift();
    if (next) next(client);
    else free.push(client);
  };
  const welcome = (client: Client): void => {
    clients.add(client);
    client.socket.once("close", () => {
      clients.delete(client);
      if (free.includes(client)) free.splice(free.indexOf(client), 1);
    });
    if (calls === 0) client.socket.unref();
    // One that is lost before it is ready is nobody's loss.
    client.ready().then(
      () => hand(client),
      () => {},
    );
  };
  const hold = (change: 1 | -1, server: Server): void => {
    calls += change;
    // Without a call under way nothing here keeps the process alive.
    for (const part of [server, ...[...clients].map(({ socket }) => socket)]) calls > 0 ? part.ref() : part.unref();
  };

  const acquire = (signal: AbortSignal): Promise<Client> => {
    const client = free.pop();
    if (client) return Promise.resolve(client);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout;
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        if (waiting.includes(take)) waiting.splice(waiting.indexOf(take), 1);
      };
      const take = (found: Client): void => {
        end();
        resolve(found);
      };
      const giveUp = (): void => {
        end();
        reject(signal.reason);
      };
      const look = (): void => {
        // Those that are connected are busy, and will be free.
        if (clients.size > 0) begin();
        else {
          end();
          reject(new EngineLoss(`no code has connected to ${address} for ${wait} s; start one, or raise the engine's option wait`));
        }
      };
      const begin = (): void => {
        timer = setTimeout(look, Math.min(1000 * wait, LONGEST));
      };
      begin();
      waiting.push(take);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  };

  /** The answer of one code; it is free again when it has answered, whoever still waits for it. */
  const once = async (structure: Structure, signal: AbortSignal): Promise<Calculated> => {
    const client = await acquire(signal);
    const late = () => client.drop(new TimedOut(`it took more than ${timeout} s; its connection was closed`));
    const timer = timeout === undefined ? undefined : setTimeout(late, Math.min(1000 * timeout, LONGEST));
    const answer = client.calculate(structure, box).finally(() => clearTimeout(timer));
    answer.then(
      () => hand(client),
      () => {},
    );
    return await new Promise((resolve, reject) => {
      const giveUp = (): void => reject(signal.reason);
      signal.addEventListener("abort", giveUp, { once: true });
      answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
    });
  };

  return {
    async ask(structure, abort) {
      const signal = abort ? AbortSignal.any([abort, closing.signal]) : closing.signal;
      signal.throwIfAborted();
      opened ??= listening(address, (socket) => welcome(clientOf(socket, address)));
      opened.catch(() => {
        opened = undefined;
      });
      const server = await opened;
      hold(1, server);
      try {
        for (let left = tries - 1; ; left--) {
          try {
            return await once(structure, signal);
          } catch (error) {
            if (left <= 0 || !(error instanceof WorkerDeath || error instanceof TimedOut)) throw error;
          }
        }
      } finally {
        hold(-1, server);
      }
    },
    async close() {
      closing.abort(new Error("the engine was closed"));
      const server = await opened?.catch(() => undefined);
      server?.close();
      const idle = new Set(free.splice(0));
      for (const client of clients) if (!idle.has(client)) client.drop(new Error("the engine was closed"));
      await Promise.all([...idle].map((client) => client.leave()));
    },
  };
}

/**
 * A server that listens.
 * @throws EngineLoss with one sentence if it cannot.
 */
async function listening(address: string, connected: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(connected);
  const place = placeOf(address);
  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(place, () => {
        server.off("error", reject);
        resolve();
      });
    });
  try {
    await listen().catch(async (error: NodeJS.ErrnoException) => {
      // What a killed process has left behind.
      if (error.code !== "EADDRINUSE" || place.path === undefined || (await answers(place.path))) throw error;
      if (!lstatSync(place.path).isSocket()) throw new Error(`${place.path} is there and is no socket`);
      rmSync(place.path);
      await listen();
    });
    return server;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EADDRNOTAVAIL")
      throw new EngineLoss(
        `no code can connect to ${address}: ${place.host} is no address of this machine; give localhost, or one that it has`,
      );
    const why = code === "EADDRINUSE" ? "another program listens there" : message;
    throw new EngineLoss(`no code can connect to ${address} (${why}); end what uses it, or take another address`);
  }
}

/** `unix:NAME` is NAME with the codes' prefix, or NAME itself if it is a path; the rest is host and port. */
export function placeOf(address: string): Pick<ListenOptions, "path" | "host" | "port"> {
  const [, name] = /^unix:(.+)$/.exec(address) ?? [];
  if (name !== undefined) return { path: name.startsWith("/") ? name : `${PREFIX}${name}` };
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
}

/** Whether somebody listens at a UNIX socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const trial = createConnection(path);
    trial.once("connect", () => {
      trial.destroy();
      resolve(true);
    });
    trial.once("error", () => resolve(false));
  });
}
