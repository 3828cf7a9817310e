/** What is published for the cells. Text of a stream is gathered for a moment: a cell that prints in a loop sends tens of messages, not millions. */
import type { Output, Parent } from "../threads.ts";
import type { Outgoing } from "../wire/message.ts";

type Stream = Extract<Output, { kind: "stream" }>;

/** The way of outputs to the client. */
export interface Outputs {
  show(output: Output): void;
  /** Any other message on iopub; gathered text goes before it. */
  publish(type: string, parent: Parent, content: Outgoing["content"], rest?: Pick<Outgoing, "metadata" | "buffers">): void;
  status(state: "busy" | "idle" | "starting", parent: Parent): void;
  /** Publishes the gathered text now. */
  flush(): void;
}

/** ms for which text is gathered. */
const GATHER = 30;

/** Characters after which gathered text leaves at once. */
const LONGEST = 200_000;

/** The parent under which a silent cell runs: its request, marked, so that whatever it shows, and whenever, is known not to be shown. */
export function silent(request: Parent): Parent {
  return { ...request, silent: true };
}

function isSilent(parent: Parent): boolean {
  return parent.silent === true;
}

/** @param send to iopub */
export function openOutputs(send: (message: Outgoing) => unknown): Outputs {
  let gathered: Stream | undefined;
  const flush = (): void => {
    if (gathered === undefined) return;
    const { name, text, parent } = gathered;
    gathered = undefined;
    send({ type: "stream", parent, content: { name, text } });
  };
  const gather = (stream: Stream): void => {
    const joins = gathered && gathered.name === stream.name && gathered.parent.msg_id === stream.parent.msg_id;
    if (!joins) {
      flush();
      setTimeout(flush, GATHER);
    }
    gathered = joins && gathered ? { ...stream, text: gathered.text + stream.text } : stream;
    if (gathered.text.length > LONGEST) flush();
  };
  const publish: Outputs["publish"] = (type, parent, content, rest = {}) => {
    flush();
    send({ type, parent, content, ...rest });
  };
  return {
    show(output) {
      if (isSilent(output.parent)) return;
      if (output.kind === "stream") gather(output);
      else if (output.kind === "clear") publish("clear_output", output.parent, { wait: output.wait });
      else {
        const { data, metadata, displayId, update, parent } = output;
        const transient = displayId === undefined ? {} : { display_id: displayId };
        publish(update ? "update_display_data" : "display_data", parent, { data, metadata, transient });
      }
    },
    publish,
    flush,
    status: (state, parent) => publish("status", parent, { execution_state: state }),
  };
}
