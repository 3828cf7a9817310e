/** Questions and answers over a message port: one side serves methods by name, the other calls them and awaits. */
import type { MessagePort, Worker } from "node:worker_threads";

type Methods = Readonly<Record<string, (...parameters: never[]) => unknown>>;

interface Question {
  readonly id: number;
  readonly method: string;
  readonly parameters: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Answers questions with `methods`; what they throw reaches the asker as an Error with the same stack. */
export function serve(port: MessagePort, methods: Methods): void {
  port.on("message", async ({ id, method, parameters }: Question) => {
    try {
      port.postMessage({ id, value: await methods[method](...(parameters as never[])) } satisfies Answer);
    } catch (error) {
      port.postMessage({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Answer);
    }
  });
}

/** The asking side of `serve`: methods of M, each with its result promised. */
export type Caller<M extends Methods> = {
  readonly [K in keyof M]: (...parameters: Parameters<M[K]>) => Promise<Awaited<ReturnType<M[K]>>>;
};

/** @returns an object whose methods ask `port`. */
export function caller<M extends Methods>(port: MessagePort | Worker): Caller<M> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let last = 0;
  port.on("message", ({ id, value, error }: Answer) => {
    const asker = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asker?.resolve(value);
    else asker?.reject(new Error(error));
  });
  return new Proxy({} as Caller<M>, {
    get: (_target, method) => {
      return (...parameters: unknown[]) =>
        new Promise((resolve, reject) => {
          last += 1;
          waiting.set(last, { resolve, reject });
          port.postMessage({ id: last, method: String(method), parameters } satisfies Question);
        });
    },
  });
}
