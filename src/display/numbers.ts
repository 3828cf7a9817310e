/** Numbers as people read them: few digits, a real minus sign, powers of ten. */

export { counted } from "../io/words.ts";

/** A number with `digits` significant ones: `0.0123`, `1 234`, `2.1e-7`; an en dash for null. */
export function significant(value: number | null, digits = 3): string {
  if (value === null || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (size >= 1e6 || size < 1e-4) return minus(value.toExponential(Math.max(0, digits - 1)));
  return fixed(value, Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
}

/** A number with `decimals` of them and a thin space between thousands; an en dash for null. */
export function fixed(value: number | null, decimals: number): string {
  if (value === null || Number.isNaN(value)) return "–";
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u2009") : whole;
  const text = part === undefined ? grouped : `${grouped}.${part}`;
  return value < 0 && Number(value.toFixed(decimals)) !== 0 ? `−${text}` : text;
}

/** A duration: `0.12 s`, `41 s`, `3 min 20 s`, `2 h 05 min`. */
export function duration(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 100) return `${significant(seconds, 2)} s`;
  const [minutes, rest] = [Math.floor(Math.round(seconds) / 60), Math.round(seconds) % 60];
  if (minutes < 60) return `${minutes} min ${rest} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** 10 to a whole power: `10⁻³`. */
export function power(exponent: number): string {
  return `10${[...String(exponent)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)])).join("")}`;
}

function minus(text: string): string {
  return text.replace(/^-/, "−").replace("e-", "e−").replace("e+", "e");
}
