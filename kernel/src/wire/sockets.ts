/** The five sockets of a kernel, bound; requests come in order, what is sent waits its turn. */
import { Reply, Router, XPublisher } from "zeromq";
import { log } from "../log.ts";
import { address, type Connection } from "./connection.ts";
import { decode, encode, type Message, type Outgoing } from "./message.ts";

/** Two channels on which requests come; their answers go back on the same. */
export type Channel = "shell" | "control";

/** Bound sockets. */
export interface Sockets {
  /** Answers a request: to its sender, with it as the parent. */
  reply(channel: Channel, request: Message, type: string, content: Outgoing["content"]): Promise<void>;
  /** To everyone who listens. */
  publish(message: Outgoing): Promise<void>;
  /** Closes all, once everything was sent. */
  close(): Promise<void>;
}

/** ms for which a closed socket still delivers. */
const LINGER = 1000;

/** ms between two looks for new subscribers while nothing is published. */
const GREETING = 20;

/** First byte of the frame by which a client subscribes. */
const SUBSCRIBED = 1;

/**
 * Binds the sockets, answers heartbeats and welcomes subscribers by itself.
 * @param receive is called with each request; what is not a signed message is dropped with a line on stderr
 */
export async function bind(connection: Connection, receive: (channel: Channel, message: Message) => void): Promise<Sockets> {
  const { key } = connection;
  const options = { linger: LINGER, sendHighWaterMark: 0, receiveHighWaterMark: 0 };
  const routers = { shell: new Router(options), control: new Router(options) };
  const stdin = new Router(options);
  const publisher = new XPublisher(options);
  publisher.verbosity = "allSubs";
  const heartbeat = new Reply({ linger: 0 });
  await Promise.all([
    routers.shell.bind(address(connection, connection.shell_port)),
    routers.control.bind(address(connection, connection.control_port)),
    stdin.bind(address(connection, connection.stdin_port)),
    publisher.bind(address(connection, connection.iopub_port)),
    heartbeat.bind(address(connection, connection.hb_port)),
  ]);
  const senders = { shell: inTurn(), control: inTurn(), publisher: inTurn() };
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
  const publish = (message: Outgoing): Promise<void> => {
    const frames = encode(key, message);
    return senders.publisher(async () => {
      await greet();
      await publisher.send(frames);
    });
  };

  const listen = async (channel: Channel): Promise<void> => {
    for await (const frames of routers[channel]) {
      try {
        receive(channel, decode(key, frames));
      } catch (error) {
        log(`${(error as Error).message} was refused on ${channel}`);
      }
    }
  };
  const beat = async (): Promise<void> => {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  };
  for (const endless of [listen("shell"), listen("control"), beat()]) endless.catch(report);

  return {
    reply(channel, { identities, header }, type, content) {
      return senders[channel](() => routers[channel].send(encode(key, { identities, type, parent: header, content })));
    },
    publish,
    async close() {
      clearInterval(greeting);
      await Promise.all(Object.values(senders).map((sender) => sender(async () => {})));
      for (const socket of [routers.shell, routers.control, stdin, publisher, heartbeat]) socket.close();
    },
  };
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
