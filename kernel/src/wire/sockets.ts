/** The five sockets of a kernel, bound; requests come in order, what is sent waits its turn. */
import { chmodSync } from "node:fs";
import { Router, type Socket, XPublisher } from "zeromq";
import { log } from "../log.ts";
import { address, type Connection } from "./connection.ts";
import { decode, encode, type Message, type Outgoing } from "./message.ts";
import { openReplays } from "./replays.ts";

/** The channels on which a client speaks to the kernel alone; on the last the kernel asks, on the others the client does. */
export type Channel = "shell" | "control" | "stdin";

/** Bound sockets. */
export interface Sockets {
  /** To the client that the message's identities name. */
  send(channel: Channel, message: Outgoing): Promise<void>;
  /** To everyone who listens. */
  publish(message: Outgoing): Promise<void>;
  /** Closes all, once everything was sent. */
  close(): Promise<void>;
}

/** ms for which a closed socket still delivers. */
const LINGER = 1000;

/** ms between two looks for new subscribers while nothing is published. */
const GREETING = 20;

const IPC = "ipc://";

/** First byte of the frame by which a client subscribes. */
const SUBSCRIBED = 1;

/**
 * Binds the sockets, answers heartbeats and welcomes subscribers by itself.
 * @param receive is called with each message; what is not rightly signed is dropped with a line on stderr
 */
export async function bind(connection: Connection, receive: (channel: Channel, message: Message) => void): Promise<Sockets> {
  const { key } = connection;
  const options = { linger: LINGER, sendHighWaterMark: 0, receiveHighWaterMark: 0 };
  const routers = { shell: new Router(options), control: new Router(options), stdin: new Router(options) };
  const publisher = new XPublisher(options);
  publisher.verbosity = "allSubs";
  // It echoes. A socket for replies would have to answer each beat before it hears the next, also one whose sender is gone.
  const heartbeat = new Router({ linger: 0 });
  const places: readonly (readonly [Socket, number])[] = [
    [routers.shell, connection.shell_port],
    [routers.control, connection.control_port],
    [routers.stdin, connection.stdin_port],
    [publisher, connection.iopub_port],
    [heartbeat, connection.hb_port],
  ];
  await Promise.all(places.map(([socket, port]) => bindTo(socket, address(connection, port))));
  let open = true;
  const senders = { shell: inTurn(), control: inTurn(), stdin: inTurn(), publisher: inTurn() };
  const isNew = openReplays();
  // Whoever has just subscribed hears a welcome before anything else, also where a request of theirs was quicker than this process. Nothing
  // may wait in `receive` meanwhile: asking a socket whether it is readable takes away the signal that such a wait would be woken by.
  const greet = async (): Promise<void> => {
    while (publisher.readable) {
      const [frame] = await publisher.receive();
      if (frame[0] !== SUBSCRIBED) continue;
      const topic = frame.subarray(1);
      const content = { subscription: topic.toString() };
      await publisher.send(encode(key, { identities: [topic], type: "iopub_welcome", parent: {}, content }));
    }
  };
  const greeting = setInterval(() => senders.publisher(greet), GREETING);
  const publish = (message: Outgoing): Promise<void> =>
    senders.publisher(async () => {
      // What timers still bring to a kernel that ends.
      if (!open) return;
      await greet();
      await publisher.send(encode(key, message));
    });

  const listen = async (channel: Channel): Promise<void> => {
    for await (const frames of routers[channel]) {
      try {
        receive(channel, decode(key, frames, isNew));
      } catch (error) {
        log(`${(error as Error).message} was refused on ${channel}`);
      }
    }
  };
  const beat = async (): Promise<void> => {
    for await (const frames of heartbeat) await heartbeat.send(frames).catch(report);
  };
  for (const endless of [listen("shell"), listen("control"), listen("stdin"), beat()]) endless.catch(report);

  return {
    send: (channel, message) => senders[channel](() => routers[channel].send(encode(key, message))),
    publish,
    async close() {
      clearInterval(greeting);
      await Promise.all(Object.values(senders).map((sender) => sender(async () => {})));
      open = false;
      for (const [socket] of places) socket.close();
    },
  };
}

/** A socket that is a file, over `ipc`, is its owner's alone. */
async function bindTo(socket: { bind(address: string): Promise<void> }, place: string): Promise<void> {
  await socket.bind(place);
  if (place.startsWith(IPC)) chmodSync(place.slice(IPC.length), 0o600);
}

/** A socket sends one message at a time; the next waits for it. */
function inTurn(): (send: () => Promise<void>) => Promise<void> {
  let last = Promise.resolve();
  return (send) => {
    last = last.then(send).catch(report);
    return last;
  };
}

/** A message that cannot be sent must not end the kernel. */
function report(error: Error): void {
  log(error.message);
}
