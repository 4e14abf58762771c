import * as React from 'react';
import { formatDuration } from '../../shared/times';

const TICK_MS = 1000;

/** The time since a moment, counted on by itself. */
export function Elapsed({ since }: { since: number }): JSX.Element {
  const [now, setNow] = React.useState(() => Date.now() / 1000);
  React.useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <>{formatDuration(now - since)}</>;
}
