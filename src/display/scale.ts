/** Scales: numbers to pixels, with ticks at 1, 2 or 5 times a power of ten (linear) or at the decades (log). */
import type { Axis } from "./chart.ts";
import { power } from "./numbers.ts";

/** A tick; one without a text is a minor one. */
export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** A map from an axis to pixels. */
export interface Scale {
  readonly ticks: readonly Tick[];
  at(value: number): number;
}

/** Beyond this, and on a log axis below its inverse, there is no room left for the power of ten outside the values. */
const LARGEST = 1e300;

/** Differences below this, also relative to the values, are rounding and not worth a tick. */
const FLAT = 1e-9;

/**
 * The scale of an axis.
 * @param values all that is drawn on it; those that a log axis cannot show count for nothing
 * @param range pixels of the axis' ends
 * @param wanted about how many labelled ticks fit
 */
export function scaleOf(axis: Axis, values: readonly number[], range: readonly [number, number], wanted: number): Scale {
  const log = axis.scale === "log";
  const known = values.filter((v) => Math.abs(v) < LARGEST && (!log || v > 1 / LARGEST));
  const usable = known.length === 0 || axis.reach === undefined ? known : [...known, axis.reach];
  if (axis.categories !== undefined) {
    const ticks = axis.categories.map((text, value) => ({ value, text }));
    return { ticks, at: linear([-0.5, Math.max(0, ticks.length - 1) + 0.5], range) };
  }
  const low = usable.reduce((a, b) => Math.min(a, b), Infinity);
  const high = usable.reduce((a, b) => Math.max(a, b), -Infinity);
  if (usable.length === 0) return { ticks: [], at: linear(log ? [1, 10] : [0, 1], range) };
  return log
    ? logScale(low, high, range)
    : linearScale(low, high, range, axis.whole ? Math.min(wanted, Math.max(1, high - low)) : wanted, axis);
}

function linearScale(low: number, high: number, range: readonly [number, number], wanted: number, axis: Axis): Scale {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const span = high - low > FLAT * Math.max(1, size) ? high - low : size > FLAT ? size : 1;
  const top = high === low && low === axis.reach ? low + span : high;
  const rough = span / wanted;
  const base = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 5, 10].find((m) => m * base >= rough * 0.999) ?? 10;
  const step = axis.whole ? Math.max(1, Math.round(nice * base)) : nice * base;
  const pad = (bound: number): number => (bound === axis.reach ? 0 : axis.whole ? 0.5 : 0.05 * span);
  const domain: [number, number] = [low - pad(low), top + pad(top)];
  const first = Math.ceil(domain[0] / step - 1e-9);
  const count = Math.floor(domain[1] / step + 1e-9) - first + 1;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = Array.from({ length: count }, (_, k) => {
    const value = (first + k) * step;
    return {
      value,
      text: value
        .toFixed(decimals)
        .replace(/^-(?=.*[1-9])/, "−")
        .replace(/^-/, ""),
    };
  });
  return { ticks, at: linear(domain, range) };
}

function logScale(low: number, high: number, range: readonly [number, number]): Scale {
  const narrow = high / low < 30;
  const from = narrow ? round125(low * 0.95, false) : 10 ** Math.floor(Math.log10(low) + 1e-9);
  const to = narrow ? round125(high * 1.05, true) : 10 ** Math.ceil(Math.log10(high) - 1e-9);
  const [first, last] = [Math.floor(Math.log10(from) + 1e-9), Math.ceil(Math.log10(to) - 1e-9)];
  const every = Math.ceil((last - first) / 7);
  const ticks: Tick[] = [];
  for (let e = first; e <= last; e++) {
    for (let m = 1; m < 10; m++) {
      const value = m * 10 ** e;
      if (value < from * 0.999 || value > to * 1.001) continue;
      const labelled = narrow ? m === 1 || m === 2 || m === 5 : m === 1 && (e - first) % every === 0;
      const plain = narrow || (first >= -3 && last <= 3);
      ticks.push({ value, text: labelled ? (plain ? String(Number(value.toPrecision(1))) : power(e)) : "" });
    }
  }
  const map = linear([Math.log(from), Math.log(to)], range);
  return { ticks, at: (v) => map(Math.log(Math.max(v, from))) };
}

/** The next 1, 2 or 5 times a power of ten, not above v > 0 or not below it. */
function round125(v: number, up: boolean): number {
  const base = 10 ** Math.floor(Math.log10(v));
  const steps = [1, 2, 5, 10].map((m) => m * base);
  return up ? (steps.find((s) => s >= v) ?? 10 * base) : (steps.findLast((s) => s <= v) ?? base);
}

function linear(domain: readonly [number, number], range: readonly [number, number]): (v: number) => number {
  const slope = (range[1] - range[0]) / (domain[1] - domain[0]);
  return (v) => range[0] + (v - domain[0]) * slope;
}
