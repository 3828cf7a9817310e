/**
 * Timers of cells. Node keeps count of what runs inside a timer's callback, and ends the process when that is cut off, as a loop is by an
 * interrupt. So what a cell gives to a timer runs right after the timer's own callback, as a microtask, where it may be cut off; Node does
 * these before the next timer, so that nothing changes its order.
 */

type Callback = (this: unknown, ...parameters: unknown[]) => void;
type Timer = (callback: Callback, ...rest: unknown[]) => unknown;

/** Puts them in the place of Node's. @param bind gives the callback the surroundings in which the timer was set */
export function installTimers(bind: (callback: Callback) => Callback): void {
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const native = globalThis[name] as unknown as Timer;
    const own: Timer = (callback, ...rest) => {
      // Node says what is wrong with it.
      if (typeof callback !== "function") return native(callback, ...rest);
      const bound = bind(callback);
      const later: Callback = function (...parameters) {
        queueMicrotask(() => bound.apply(this, parameters));
      };
      return native(later, ...rest);
    };
    const value = Object.defineProperties(own, { ...Object.getOwnPropertyDescriptors(native), name: { value: name } });
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
  }
}
