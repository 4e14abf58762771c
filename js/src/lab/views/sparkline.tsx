import * as React from 'react';
import { rangeOf, tracePath } from '../../shared/curves';
import type { ISpark } from '../../shared/wire';

const WIDTH = 60;
const HEIGHT = 15;
/** As many as comparisons have. */
const COLOURS = 8;
const BOX = { left: 1, top: 1, width: WIDTH - 2, height: HEIGHT - 2 };

export function Sparkline(props: {
  spark: ISpark;
  /** Place among the selected runs; null when the run is not selected. */
  place: number | null;
}): JSX.Element | null {
  const { metric, values } = props.spark;
  const range = rangeOf(values);
  if (!range || values.length < 2) {
    return null;
  }
  const steps = values.map((_, index) => index);
  const across = { low: 0, high: values.length - 1 };
  return (
    <svg
      className="nbtrail-Sparkline"
      data-place={props.place === null ? undefined : props.place % COLOURS}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={`Curve of ${metric}`}
    >
      <title>{metric}</title>
      <path d={tracePath(steps, values, across, range, BOX)} />
    </svg>
  );
}
