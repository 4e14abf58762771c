import * as React from 'react';
import { STATUS_TITLES } from '../../shared/statuses';
import type { RunStatus } from '../../shared/wire';

export function StatusDot({ status }: { status: RunStatus }): JSX.Element {
  return (
    <span
      className="nbtrail-StatusDot"
      data-status={status}
      role="img"
      aria-label={status}
      title={STATUS_TITLES[status]}
    />
  );
}
