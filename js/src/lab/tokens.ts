import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { RunsApi } from './api/runs-api';
import type { RunsModel } from './model/runs-model';
import type { IRunsMoved } from '../shared/wire';

/** What nbtrail's plugins, and those of others, share. */
export interface IRuns {
  readonly api: RunsApi;
  /** The runs of the project that is looked at. */
  readonly model: RunsModel;
  /** Runs moved, in whatever project somebody looks at. */
  readonly moved: ISignal<unknown, IRunsMoved>;
  /** A cell began or ended: a project may have come to be. */
  readonly cellRan: ISignal<unknown, void>;
}

export const IRuns = new Token<IRuns>(
  'nbtrail:IRuns',
  'The runs of the project that is looked at, and the news about them.'
);

/** The ids of nbtrail's commands. */
export const CommandIDs = {
  show: 'nbtrail:show-runs',
  refresh: 'nbtrail:refresh-runs',
  compare: 'nbtrail:compare-runs',
  insert: 'nbtrail:insert-comparison',
  exportRuns: 'nbtrail:export-comparison',
  clearSelection: 'nbtrail:clear-selection',
  openRun: 'nbtrail:open-run',
  openNotebook: 'nbtrail:open-notebook-of-run',
  compareWithBaseline: 'nbtrail:compare-run-with-baseline',
  rename: 'nbtrail:rename-run',
  tag: 'nbtrail:tag-run',
  note: 'nbtrail:note-run',
  star: 'nbtrail:star-run',
  baseline: 'nbtrail:set-baseline',
  copyId: 'nbtrail:copy-run-id',
  trash: 'nbtrail:trash-run'
} as const;
