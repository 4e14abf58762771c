import * as React from 'react';

/** What the notebook's toolbar says while one of its runs goes on. */
export function TrackingItem(props: {
  name: string;
  onOpen(): void;
}): JSX.Element {
  return (
    <button
      className="nbtrail-TrackingItem"
      title="nbtrail records this notebook. Show the runs"
      onClick={props.onOpen}
    >
      <span className="nbtrail-StatusDot" data-status="running" />
      <span className="nbtrail-TrackingItem-text">tracking: {props.name}</span>
    </button>
  );
}
