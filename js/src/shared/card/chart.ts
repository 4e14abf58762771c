import {
  rangeOf,
  tickTexts,
  ticksOf,
  tracePath,
  type IBox,
  type IRange
} from '../curves';
import { formatNumber } from '../numbers';
import type { ICurve } from '../wire';
import { svg } from '../elements';

const HEIGHT = 150;
const MARGIN = { left: 52, right: 12, top: 8, bottom: 24 };
const PX_A_TICK_ACROSS = 70;
const TICKS_UP = 4;

/** One metric over the steps, with its axes. Null while no point is finite. */
export function curveChart(
  curve: ICurve,
  total: number | null,
  width: number
): SVGSVGElement | null {
  const up = rangeOf(curve.values);
  const across = stepRange(curve.steps, total);
  if (!up || !across) {
    return null;
  }
  const box = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(40, width - MARGIN.left - MARGIN.right),
    height: HEIGHT - MARGIN.top - MARGIN.bottom
  };
  const roomy = { low: up.low - (up.high - up.low) * 0.05, high: up.high };
  const path = tracePath(curve.steps, curve.values, across, roomy, box);
  return svg(
    'svg',
    {
      class: 'nbt-chart',
      width,
      height: HEIGHT,
      viewBox: `0 0 ${width} ${HEIGHT}`,
      role: 'img',
      'aria-label': `${curve.metric} over the steps`
    },
    ...upwardAxis(curve.metric, roomy, box),
    ...stepAxis(across, box),
    svg('path', { class: 'nbt-curve', d: path })
  );
}

function stepRange(steps: number[], total: number | null): IRange | null {
  const seen = rangeOf(steps);
  if (!seen) {
    return null;
  }
  if (total !== null && seen.low >= 0 && seen.high <= total) {
    return { low: 0, high: total };
  }
  return steps.length === 1 && steps[0] === 0 ? { low: 0, high: 1 } : seen;
}

function upwardAxis(metric: string, range: IRange, box: IBox): SVGElement[] {
  const y = (value: number): number =>
    box.top + ((range.high - value) / (range.high - range.low)) * box.height;
  const values = ticksOf(range, TICKS_UP);
  const texts = tickTexts(values);
  const ticks = values.flatMap((tick, index) => [
    svg('line', {
      class: 'nbt-grid',
      x1: box.left,
      x2: box.left + box.width,
      y1: y(tick),
      y2: y(tick)
    }),
    svg(
      'text',
      { x: box.left - 6, y: y(tick) + 3, 'text-anchor': 'end' },
      texts[index] ?? ''
    )
  ]);
  const middle = box.top + box.height / 2;
  const title = svg(
    'text',
    {
      class: 'nbt-axis-title',
      'text-anchor': 'middle',
      transform: `translate(10 ${middle}) rotate(-90)`
    },
    shorten(metric)
  );
  title.append(svg('title', {}, metric));
  return [...ticks, axisLine(box.left, box.top, 0, box.height), title];
}

function stepAxis(range: IRange, box: IBox): SVGElement[] {
  const bottom = box.top + box.height;
  const x = (step: number): number =>
    box.left + ((step - range.low) / (range.high - range.low)) * box.width;
  const count = Math.max(2, Math.floor(box.width / PX_A_TICK_ACROSS));
  const ticks = ticksOf(range, count)
    .filter(Number.isInteger)
    .flatMap(tick => [
      svg('line', {
        class: 'nbt-grid',
        x1: x(tick),
        x2: x(tick),
        y1: box.top,
        y2: bottom
      }),
      svg(
        'text',
        { x: x(tick), y: bottom + 15, 'text-anchor': 'middle' },
        formatNumber(tick)
      )
    ]);
  return [...ticks, axisLine(box.left, bottom, box.width, 0)];
}

function axisLine(
  x: number,
  y: number,
  width: number,
  height: number
): SVGElement {
  const ends = { x1: x, y1: y, x2: x + width, y2: y + height };
  return svg('line', { class: 'nbt-axis', ...ends });
}

function shorten(name: string): string {
  return name.length > 18 ? `${name.slice(0, 17)}…` : name;
}
