import type { Problem } from '../api/problem';
import type { INames, IProject } from '../../shared/wire';
import type { IChoices } from './choices';
import type { ISection } from './section';

/** What the server says about the project's runs as a whole. */
export interface ISummary {
  project: IProject;
  total: number;
  matched: number;
  running: number;
  metric: { name: string; direction: 'min' | 'max' } | null;
  metrics: readonly string[];
  baseline: { id: string; name: string } | null;
  names: INames;
}

export interface ISelectedRun {
  id: string;
  name: string;
}

/** Everything that a view of the runs needs to draw itself. */
export interface IRunsState {
  path: string;
  loading: boolean;
  /** Null until the server has answered once. */
  summary: ISummary | null;
  /** Why the runs cannot be shown. */
  problem: Problem | null;
  /** What is wrong with the filter; the runs shown are those of the last good one. */
  filterProblem: Problem | null;
  choices: IChoices;
  sections: readonly ISection[];
  /** The params that rows show: those chosen, else those of the runs that have come, those that vary first. */
  params: readonly string[];
  /** In the order in which they were chosen. */
  selected: readonly ISelectedRun[];
}

/** What a person can do to the list. */
export interface IRunsActions {
  choose(changes: Partial<IChoices>): void;
  refresh(): void;
  toggleRun(run: ISelectedRun): void;
  clearSelection(): void;
  toggleSection(id: string): void;
  /** Say which pixels of the list are on the screen, so that their runs are fetched. */
  showWindow(top: number, bottom: number): void;
}
