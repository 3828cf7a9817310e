/** The connection file that a Jupyter client writes: where to bind, and the key that signs. Format: Jupyter client documentation, "Connection files". */
import { readFileSync } from "node:fs";

/** Where a kernel listens. */
export interface Connection {
  readonly transport: string;
  readonly ip: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
  /** Empty: messages are not signed. */
  readonly key: string;
  readonly signature_scheme: string;
}

const SCHEME = "hmac-sha256";

/**
 * @param path the connection file
 * @throws RangeError if it signs by another scheme than hmac-sha256.
 */
export function readConnection(path: string): Connection {
  const connection = JSON.parse(readFileSync(path, "utf8")) as Connection;
  const scheme = connection.signature_scheme || SCHEME;
  if (scheme !== SCHEME) throw new RangeError(`${path} asks for signatures by ${scheme}; this kernel signs by ${SCHEME} alone`);
  return connection;
}

/** Address of one socket; over `ipc` a port is the ending of a path. */
export function address({ transport, ip }: Connection, port: number): string {
  return transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`;
}
