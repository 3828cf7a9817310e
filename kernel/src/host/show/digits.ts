/** Numbers of one column with as many digits as a reader wants: the same decimals in all, none that are zero in all, never 0.000 for what is not. */

/** Digits that the largest number of a column is given, if it has them. */
const SIGNIFICANT = 10;

/** Decimals, at most. */
const DECIMALS = 6;

/** Beyond these magnitudes of its largest number a column is written with exponents. */
const [SMALLEST, LARGEST] = [1e-3, 1e9];

/** Digits after the point of a number with an exponent. */
const MANTISSA = 4;

/** @returns what writes numbers like these; they may hold NaN and infinities. */
export function writerOf(values: readonly number[]): (value: number) => string {
  const sizes = values.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  if (sizes.every(Number.isSafeInteger)) return String;
  const largest = Math.max(...sizes);
  if (largest < SMALLEST || largest >= LARGEST) return (value) => (value === 0 || !Number.isFinite(value) ? String(value) : power(value));
  const before = Math.floor(Math.log10(largest));
  const most = Math.min(DECIMALS, Math.max(1, SIGNIFICANT - 1 - before));
  const decimals = Math.max(0, ...sizes.map((size) => size.toFixed(most).replace(/0+$/, "").split(".")[1].length));
  return (value) => {
    if (!Number.isFinite(value)) return String(value);
    const written = value.toFixed(decimals);
    return value !== 0 && Number(written) === 0 ? power(value) : written;
  };
}

/** One number by itself. */
export function written(value: number): string {
  return Number.isFinite(value) && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** A count with its thousands apart. */
export function counted(count: number): string {
  return count.toLocaleString("en-US");
}

function power(value: number): string {
  return value
    .toExponential(MANTISSA)
    .replace(/\.?0+e/, "e")
    .replace("e+", "e");
}
