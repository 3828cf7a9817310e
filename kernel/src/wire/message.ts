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
  /** Header of what it answers; empty if it answers nothing. */
  readonly parent: Parent;
  readonly metadata: Content;
  readonly content: Content;
  readonly buffers: readonly Uint8Array[];
}

/** A message to be sent. */
export interface Outgoing {
  readonly identities?: readonly (Uint8Array | string)[];
  readonly type: string;
  /** Default: a new one. */
  readonly id?: string;
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
  { identities = [], type, id = randomUUID(), parent, content, metadata = {}, buffers = [] }: Outgoing,
): (Uint8Array | string)[] {
  const header = {
    msg_id: id,
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
 * @param isNew says of a signature whether it comes for the first time
 * @throws Error if there is no delimiter, a part is missing or not a JSON object, or the signature is wrong or not new.
 */
export function decode(key: string, frames: readonly Uint8Array[], isNew: (signature: string) => boolean = () => true): Message {
  const delimiter = frames.findIndex((frame) => frame.length === DELIMITER.length && Buffer.from(frame).toString() === DELIMITER);
  if (delimiter < 0 || frames.length < delimiter + 6) throw new Error("a message without all its parts");
  const [given, ...parts] = frames.slice(delimiter + 1, delimiter + 6);
  if (key !== "") {
    const right = Buffer.from(signature(key, parts));
    if (given.length !== right.length || !timingSafeEqual(given, right)) throw new Error("a message with a wrong signature");
    if (!isNew(right.toString())) throw new Error("a message that came before");
  }
  const [header, parent, metadata, content] = parts.map(dictionary);
  if (typeof header.msg_type !== "string" || typeof header.msg_id !== "string") throw new Error("a message without a type or an id");
  return {
    identities: frames.slice(0, delimiter),
    type: header.msg_type,
    header,
    parent,
    metadata,
    content,
    buffers: frames.slice(delimiter + 6),
  };
}

/** Whether it is what JSON calls an object. */
export function isDictionary(value: unknown): value is Content {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function dictionary(part: Uint8Array): Content {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part).toString());
  } catch {
    throw new Error("a message that is not JSON");
  }
  if (!isDictionary(value)) throw new Error("a message with a part that is no object");
  return value;
}

function signature(key: string, parts: readonly (Uint8Array | string)[]): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}
