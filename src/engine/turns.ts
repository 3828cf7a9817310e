/**
 * Numbered blocks of work, taken by whichever thread is free, whose results are added up in the order of their numbers: sums are then the same
 * to the bit for any number of threads.
 */

/** Which blocks a thread takes, and when it may add what it made of one. */
export interface Turns {
  /** The next block that nobody has taken. */
  take(): number;
  /** Returns when all blocks before it are added; false if that will never be. */
  wait(block: number): boolean;
  /** Says that it is added. */
  done(block: number): void;
  /** Whether the work is given up. */
  stopped(): boolean;
}

/** Places in what threads share: the next block to take, and the next to add, or -1. */
const [NEXT, TURN] = [0, 1];

/** What the threads of one piece of work share. */
export function turnsControl(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** A thread's part; it sleeps while it waits. */
export function sharedTurns(control: Int32Array): Turns {
  return {
    take: () => Atomics.add(control, NEXT, 1),
    wait(block) {
      for (;;) {
        const turn = Atomics.load(control, TURN);
        if (turn === block || turn < 0) return turn === block;
        Atomics.wait(control, TURN, turn);
      }
    },
    done(block) {
      Atomics.compareExchange(control, TURN, block, block + 1);
      Atomics.notify(control, TURN);
    },
    stopped: () => Atomics.load(control, TURN) < 0,
  };
}

/** Gives the work up: threads that wait are woken. */
export function stopTurns(control: Int32Array): void {
  Atomics.store(control, TURN, -1);
  Atomics.notify(control, TURN);
}

/** The same for one thread alone. */
export function ownTurns(): Turns {
  let next = 0;
  return { take: () => next++, wait: () => true, done: () => {}, stopped: () => false };
}
