import * as React from 'react';
import type { Origin } from '../../shared/wire';

interface ICome {
  key: string;
  origin: Origin;
  reason: string;
}

/** How a value came: `logged`, or `inferred: literal in cell 3`. */
export function describeOrigin({ origin, reason }: ICome): string {
  return reason ? `${origin}: ${reason}` : origin;
}

/** The name of a value, marked as the cards mark it where the value was inferred. */
export function ValueName({ value }: { value: ICome }): JSX.Element {
  return (
    <span
      className="nbtrail-ValueName"
      data-origin={value.origin}
      title={describeOrigin(value)}
    >
      {value.key}
    </span>
  );
}
