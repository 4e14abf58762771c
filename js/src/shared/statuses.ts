import type { RunStatus } from './wire';

/** What a status means, for those who cannot tell the colours apart. */
export const STATUS_TITLES: Record<RunStatus, string> = {
  running: 'Running',
  finished: 'Finished',
  failed: 'Failed: an exception ended it',
  interrupted: 'Interrupted: it was stopped',
  lost: 'Lost: its process is gone without a goodbye'
};
