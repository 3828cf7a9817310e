/**
 * Questions of cells: an input_request to the client that asked for the cell, its input_reply back. One is open at a time; a reply to
 * anything else, such as one that comes after an interrupt, is dropped.
 */
import { randomUUID } from "node:crypto";
import type { InputReply, InputRequest } from "../threads.ts";
import type { Message, Outgoing } from "../wire/message.ts";

/** The questions of the running cell. */
export interface Questions {
  ask(question: InputRequest): void;
  /** An input_reply of a client. */
  answer(reply: Message): void;
  /** Nobody waits for answers any more. */
  drop(why: string): void;
}

/** What the questions need of the rest of the loop. */
export interface QuestionContext {
  /** The request whose cell runs now. */
  current(): Message | undefined;
  send(message: Outgoing): void;
  toMain(message: InputReply): void;
}

const REFUSED = "this client cannot be asked for input; give the value in the cell";
const LATE = "the cell that asks has ended; ask while it runs, by await input(...)";
const EMPTY = "the client answered without a text";

/** No question is open. */
export function openQuestions({ current, send, toMain }: QuestionContext): Questions {
  let waiting: { readonly question: InputRequest; readonly request: Message; readonly id: string }[] = [];
  const fail = ({ id }: InputRequest, error: string): void => toMain({ kind: "input-reply", id, error });
  const next = (): void => {
    if (waiting.length === 0) return;
    const [{ question, request, id }] = waiting;
    const content = { prompt: question.prompt, password: question.password };
    send({ identities: request.identities, type: "input_request", id, parent: request.header, content });
  };
  return {
    ask(question) {
      const request = current();
      if (request === undefined || request.header.msg_id !== question.parent.msg_id) fail(question, LATE);
      else if (request.content.allow_stdin !== true) fail(question, REFUSED);
      else if (waiting.push({ question, request, id: randomUUID() }) === 1) next();
    },
    answer({ identities, parent, content: { value } }) {
      const [open] = waiting;
      if (open === undefined || !same(identities, open.request.identities)) return;
      // Some clients do not say what they answer, and some name the cell.
      if (![undefined, open.id, open.request.header.msg_id].includes(parent.msg_id as string | undefined)) return;
      waiting.shift();
      if (typeof value === "string") toMain({ kind: "input-reply", id: open.question.id, value });
      else fail(open.question, EMPTY);
      next();
    },
    drop(why) {
      const dropped = waiting;
      waiting = [];
      for (const { question } of dropped) fail(question, why);
    },
  };
}

function same(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((frame, i) => Buffer.compare(frame, b[i]) === 0);
}
