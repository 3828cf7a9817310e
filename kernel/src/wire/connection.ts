/** The connection file that a Jupyter client writes: where to bind, and the key that signs. Format: Jupyter client documentation, "Connection files". */
import { readFileSync, statSync } from "node:fs";

const PORTS = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"] as const;

/** Ports by their names in the file; over `ipc`, endings of paths. */
export type Ports = Readonly<Record<(typeof PORTS)[number], number>>;

/** Where a kernel listens. */
export interface Connection extends Ports {
  readonly transport: "tcp" | "ipc";
  readonly ip: string;
  /** Empty: messages are not signed. */
  readonly key: string;
  readonly signature_scheme: string;
}

const SCHEME = "hmac-sha256";

/** Rights of others than the owner: to write, and any. */
const [WRITABLE, OPEN] = [0o022, 0o077];

/**
 * @param path the connection file
 * @param warn is told, in one sentence, that others can read the key
 * @throws RangeError with one sentence if something is missing or cannot be served, or if others could have written it: whoever
 * gives the key runs code as this user. JUPYTER_ALLOW_INSECURE_WRITES, Jupyter's switch for disks without permissions, allows the last.
 */
export function readConnection(path: string, warn: (sentence: string) => void): Connection {
  const rights = process.platform === "win32" ? 0 : statSync(path).mode & OPEN;
  if (rights & WRITABLE && !/^(true|1)$/i.test(process.env.JUPYTER_ALLOW_INSECURE_WRITES ?? ""))
    throw new RangeError(`others can write ${path} (${octal(rights)}), and could run code as you by its key; chmod 600 it`);
  const { signature_scheme: scheme, ...connection } = parsed(path);
  if (rights !== 0 && connection.key !== "")
    warn(`others can read ${path} (${octal(rights)}), which holds the key of this kernel; chmod 600 it`);
  if (scheme && scheme !== SCHEME) throw new RangeError(`${path} asks for signatures by ${scheme}; this kernel signs by ${SCHEME} alone`);
  if (typeof connection.key !== "string") throw new RangeError(`${path} has no key; an empty one, "key": "", says that nothing is signed`);
  if (connection.transport !== "tcp" && connection.transport !== "ipc")
    throw new RangeError(`${path} asks for the transport ${connection.transport}; this kernel has tcp and ipc`);
  const wrong = PORTS.find((port) => !(Number.isInteger(connection[port]) && connection[port] > 0));
  if (wrong !== undefined) throw new RangeError(`${path} has ${wrong} ${connection[wrong]}; give a whole number above 0`);
  return { ...connection, signature_scheme: SCHEME };
}

/** Address of one socket; over `ipc` a port is the ending of a path. */
export function address({ transport, ip }: Connection, port: number): string {
  return transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip.includes(":") ? `[${ip}]` : ip}:${port}`;
}

/** The ports alone. */
export function portsOf(connection: Connection): Ports {
  return Object.fromEntries(PORTS.map((port) => [port, connection[port]])) as Ports;
}

function parsed(path: string): Connection {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Connection;
  } catch (error) {
    throw new RangeError(`${path} is no connection file: ${(error as Error).message}`);
  }
}

function octal(rights: number): string {
  return `mode ..${rights.toString(8).padStart(2, "0")}`;
}
