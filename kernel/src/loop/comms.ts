/** Where comm messages go: those of studies stay in this thread, all others go to the main thread. */
import { log } from "../log.ts";
import type { CommMessage, Parent } from "../threads.ts";
import type { Message } from "../wire/message.ts";
import type { Outputs } from "./outputs.ts";
import { feedStudy, type Served } from "./study.ts";

/** The comms that are open. */
export interface CommRouter {
  /** A comm_open, comm_msg or comm_close of the client. */
  fromClient(message: Message): void;
  /** One of the main thread. */
  fromMain(message: CommMessage): void;
  /** `{id: {target_name}}`, of one target or all. */
  info(target?: string): Readonly<Record<string, { readonly target_name: string }>>;
}

/** The target that this thread serves. */
const STUDY = "qmml.study";

/** @param folder the notebook's */
export function openCommRouter(folder: string, outputs: Outputs, toMain: (message: CommMessage) => void): CommRouter {
  const targets = new Map<string, string>();
  /** The views that this thread serves, by their comms. */
  const feeds = new Map<string, Served>();

  const feed = (id: string, data: unknown, parent: Parent): void => {
    const served = feedStudy(folder, data, {
      send: (content, buffers) => outputs.publish("comm_msg", parent, { comm_id: id, data: content }, { buffers }),
      close() {
        targets.delete(id);
        feeds.delete(id);
        outputs.publish("comm_close", parent, { comm_id: id, data: {} });
      },
    });
    feeds.set(id, served);
  };

  return {
    fromClient({ type, content, metadata, buffers, header }) {
      const { comm_id: id, target_name: target, data } = content as unknown as CommMessage["content"];
      if (typeof id !== "string") return log(`a ${type} without a comm_id was dropped`);
      if (type === "comm_open" && target !== undefined) {
        targets.set(id, target);
        feeds.get(id)?.stop();
        if (target === STUDY) return feed(id, data, header);
      } else if (type === "comm_close") targets.delete(id);
      const served = feeds.get(id);
      if (served === undefined) {
        const kind = type as CommMessage["type"];
        toMain({ kind: "comm", type: kind, content: content as unknown as CommMessage["content"], metadata, buffers, parent: header });
      } else if (type === "comm_close") {
        served.stop();
        feeds.delete(id);
      } else served.ask(data);
    },
    fromMain({ type, content, metadata, buffers, parent }) {
      if (type === "comm_open" && content.target_name !== undefined) targets.set(content.comm_id, content.target_name);
      if (type === "comm_close") targets.delete(content.comm_id);
      outputs.publish(type, parent, content, { metadata, buffers });
    },
    info(wanted) {
      const chosen = [...targets].filter(([, target]) => wanted === undefined || target === wanted);
      return Object.fromEntries(chosen.map(([id, target]) => [id, { target_name: target }]));
    },
  };
}
