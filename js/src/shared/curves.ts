import { formatNumber } from './numbers';

/** Points of a curve in the pixels of a drawing. */
export interface IBox {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface IRange {
  low: number;
  high: number;
}

/** The least range that holds all values; a single value gets room around it. Null when there is none. */
export function rangeOf(values: Iterable<number | null>): IRange | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value !== null) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) {
    return null;
  }
  if (low === high) {
    const room = Math.abs(low) / 10 || 1;
    return { low: low - room, high: high + room };
  }
  return { low, high };
}

/** An SVG path through the points; a null value leaves a gap, and a point alone between gaps a short mark. */
export function tracePath(
  xs: readonly number[],
  ys: readonly (number | null)[],
  xRange: IRange,
  yRange: IRange,
  box: IBox
): string {
  const xScale = box.width / (xRange.high - xRange.low || 1);
  const yScale = box.height / (yRange.high - yRange.low || 1);
  let path = '';
  let pen = 'M';
  ys.forEach((value, index) => {
    const step = xs[index];
    if (value === null || step === undefined) {
      pen = 'M';
      return;
    }
    const x = box.left + (step - xRange.low) * xScale;
    const y = box.top + (yRange.high - value) * yScale;
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}${pen === 'M' ? 'h0.1' : ''}`;
    pen = 'L';
  });
  return path;
}

/** Texts of ticks, all with as many decimals as the finest needs: `0.5`, `1.0`. */
export function tickTexts(ticks: readonly number[]): string[] {
  const texts = ticks.map(tick => formatNumber(tick));
  if (texts.some(text => !/^-?\d+(\.\d+)?$/.test(text))) {
    return texts;
  }
  const decimals = texts.map(text => text.split('.')[1]?.length ?? 0);
  return ticks.map(tick => tick.toFixed(Math.max(0, ...decimals)));
}

/** Round numbers inside the range, about as many as asked for. */
export function ticksOf(range: IRange, count: number): number[] {
  const step = roundStep((range.high - range.low) / count);
  const ticks: number[] = [];
  const slack = step * 1e-6;
  for (
    let index = Math.ceil(range.low / step - 1e-6);
    index * step <= range.high + slack;
    index += 1
  ) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks;
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  const nice = lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10;
  return nice * power;
}
