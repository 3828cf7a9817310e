/**
 * Jupyter messages as frames: [identities..., "<IDS|MSG>", signature, header, parent header, metadata, content, buffers...], the four
 * dictionaries as JSON and signed together by HMAC-SHA256. Source: "Messaging in Jupyter", version 5.4.
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import type { Parent } from "../threads.ts";

export const PROTOCOL = "5.4";

/** Content of a message, JSON. */
export type Content = Readonly<Record<string, unknown>>;

/** A message that came in; it was signed rightly. */
export interface Message {
  readonly identities: readonly Uint8Array[];
  readonly type: string;
  /** The message's own header; becomes the parent of what answers it. */
  readonly header: Parent;
  readonly metadata: Content;
  readonly content: Readonly<Record<string, never>>;
  readonly buffers: readonly Uint8Array[];
}

/** A message to be sent. */
export interface Outgoing {
  readonly identities?: readonly (Uint8Array | string)[];
  readonly type: string;
  readonly parent: Parent;
  readonly content: Content;
  readonly metadata?: Content;
  readonly buffers?: readonly Uint8Array[];
}

const DELIMITER = "<IDS|MSG>";
const SESSION = randomUUID();

/** Frames of a message, signed with `key`; not signed where the key is empty. */
export function encode(
  key: string,
  { identities = [], type, parent, content, metadata = {}, buffers = [] }: Outgoing,
): (Uint8Array | string)[] {
  const header = {
    msg_id: randomUUID(),
    session: SESSION,
    username: "kernel",
    date: new Date().toISOString(),
    msg_type: type,
    version: PROTOCOL,
  };
  const parts = [header, parent, metadata, content].map((part) => JSON.stringify(part));
  return [...identities, DELIMITER, signature(key, parts), ...parts, ...buffers];
}

/**
 * The message in `frames`.
 * @throws Error if there is no delimiter, a part is missing or not JSON, or the signature is wrong.
 */
export function decode(key: string, frames: readonly Uint8Array[]): Message {
  const delimiter = frames.findIndex((frame) => frame.length === DELIMITER.length && Buffer.from(frame).toString() === DELIMITER);
  if (delimiter < 0 || frames.length < delimiter + 6) throw new Error("a message without all its parts");
  const [given, ...parts] = frames.slice(delimiter + 1, delimiter + 6);
  const right = Buffer.from(signature(key, parts));
  if (key !== "" && (given.length !== right.length || !timingSafeEqual(given, right))) throw new Error("a message with a wrong signature");
  const [header, , metadata, content] = parts.map((part) => JSON.parse(Buffer.from(part).toString()));
  return {
    identities: frames.slice(0, delimiter),
    type: header.msg_type,
    header,
    metadata,
    content,
    buffers: frames.slice(delimiter + 6),
  };
}

function signature(key: string, parts: readonly (Uint8Array | string)[]): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}
