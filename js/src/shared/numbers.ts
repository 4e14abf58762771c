import type { Json, WireNumber } from './wire';

const SIGNIFICANT_DIGITS = 4;
const DELTA_DIGITS = 2;

/** The number that a wire number stands for. */
export function toNumber(value: WireNumber): number {
  return typeof value === 'number' ? value : Number(value);
}

/** A number in few characters: `0.934`, `1200`, `3.1e-7`, `NaN`, `∞`. */
export function formatNumber(value: WireNumber): string {
  return formatDigits(toNumber(value), SIGNIFICANT_DIGITS);
}

/** How far a value lies from the baseline's: the way it points, and its size without a leading zero (`.012`). */
export function formatDelta(delta: WireNumber): {
  arrow: '▲' | '▼' | '=';
  text: string;
} {
  const value = toNumber(delta);
  const arrow = value > 0 ? '▲' : value < 0 ? '▼' : '=';
  const digits = formatDigits(Math.abs(value), DELTA_DIGITS);
  return { arrow, text: digits.replace(/^0\./, '.') };
}

/** A JSON value as one short line. */
export function formatJson(value: Json): string {
  if (typeof value === 'number') {
    return formatNumber(value);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** How many of something: `42`, `30,005`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** Bytes as people read them: `1 kB`, `3.4 MB`. */
export function formatBytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let scaled = size;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${formatDigits(scaled, 3)} ${units[unit]}`;
}

function formatDigits(value: number, digits: number): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? '∞' : '-∞';
  }
  if (Number.isInteger(value) && Math.abs(value) < 1e7) {
    return String(value);
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) {
    return value
      .toExponential(digits - 1)
      .replace(/\.?0*e/, 'e')
      .replace('e+', 'e');
  }
  if (size >= 10 ** digits) {
    return String(Math.round(value));
  }
  return String(Number(value.toPrecision(digits)));
}
