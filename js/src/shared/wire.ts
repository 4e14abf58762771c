/** The shapes of `docs/http.md` and `docs/widgets.md`; the files in `tests/wire/` hold both languages to them. */

/** JSON has no word for these three, so they travel as text. */
export type WireNumber = number | 'NaN' | 'Infinity' | '-Infinity';

export type Json =
  null | boolean | number | string | Json[] | { [key: string]: Json };

export type RunStatus =
  'running' | 'finished' | 'failed' | 'interrupted' | 'lost';

export type Origin = 'logged' | 'inferred' | 'autolog' | 'system';

export interface IProject {
  id: string;
  name: string;
  root: string;
  /** Relative to the server's root folder; null when it is not below it. */
  path: string | null;
  exists: boolean;
}

export interface IMetricSummary {
  last: WireNumber;
  min: WireNumber;
  max: WireNumber;
  mean: WireNumber;
  count: number;
  step: number;
}

export interface IRowMetric {
  name: string;
  value: WireNumber;
  delta: WireNumber | null;
  better: boolean | null;
}

export interface ISpark {
  metric: string;
  values: (number | null)[];
}

export interface IRunRow {
  id: string;
  name: string;
  status: RunStatus;
  started: number;
  ended: number | null;
  duration_s: number | null;
  notebook: string | null;
  parent: string | null;
  tags: string[];
  starred: boolean;
  trashed: boolean;
  note: string;
  error: string | null;
  baseline: boolean;
  params: { [name: string]: Json };
  metrics: { [name: string]: IMetricSummary };
  metric: IRowMetric | null;
  spark: ISpark | null;
  revision: number;
}

export interface INames {
  params: string[];
  metrics: string[];
  tags: string[];
  notebooks: string[];
}

export interface IRunsPage {
  project: IProject;
  revision: number;
  total: number;
  matched: number;
  running: number;
  metric: { name: string; direction: 'min' | 'max' } | null;
  metrics: string[];
  baseline: { id: string; name: string } | null;
  names: INames;
  offset: number;
  runs: IRunRow[];
}

export interface IGroup {
  key: string | null;
  filter: string;
  matched: number;
  total: number;
}

export interface IGroups {
  groups: IGroup[];
}

export interface IParamDetails {
  key: string;
  value: Json;
  origin: Origin;
  reason: string;
  earlier: Json[];
}

export interface IMetricDetails extends IMetricSummary {
  key: string;
  origin: Origin;
  reason: string;
}

export interface IExecution {
  id: string;
  number: number | null;
  cell_id: string | null;
  source: string;
  started: number;
  duration_s: number | null;
  status: 'running' | 'ok' | 'error' | 'interrupted';
  error: string | null;
}

export interface IEnvironment {
  python: string;
  platform: string;
  packages: { [name: string]: string };
  git_commit: string | null;
  git_branch: string | null;
  git_dirty: boolean;
  git_remote: string | null;
  /** Imported files of the project that no commit holds as they ran. */
  modules: string[];
  /** `docs/environment.md` says what may be there. */
  hardware: { [key: string]: Json };
}

export interface IArtifact {
  path: string;
  size: number;
  mime: string;
  digest: string;
}

export interface IDatasetColumn {
  name: string;
  type: string;
  /** Null where it was not counted, as are the next ones. */
  missing: number | null;
  /** How many rows were looked at; null where it was all. */
  rows: number | null;
  min: WireNumber | string | null;
  median: WireNumber | string | null;
  max: WireNumber | string | null;
  mean: WireNumber | null;
  distinct: number | null;
  /** The most common texts. */
  top: string[];
}

export interface IDataset {
  name: string;
  role: 'read' | 'written';
  kind: string;
  /** `1,437 × 64`, or a size. */
  extent: string;
  size: number;
  digest: string;
  sampled: boolean;
  columns: IDatasetColumn[];
  /** How many columns there are. */
  width: number;
  execution: string | null;
}

export interface IRunDetails {
  run: IRunRow;
  params: IParamDetails[];
  metrics: IMetricDetails[];
  executions: IExecution[];
  environment: IEnvironment | null;
  datasets: IDataset[];
  artifacts: IArtifact[];
}

export interface IComparedRun {
  id: string;
  name: string;
  status: RunStatus;
  baseline: boolean;
  color: string;
}

export interface IDelta {
  text: string;
  better: boolean | null;
}

export interface IDifference {
  level: string;
  name: string;
  /** The name, with what the values are of a curve: `metrics.val_loss (last)`. */
  label: string;
  values: (string | null)[];
  differs: boolean;
  best: number | null;
  deltas: (IDelta | null)[] | null;
}

export interface ICodeDiff {
  title: string;
  lines: { op: '+' | '-' | ' '; text: string }[];
}

export interface IComparison {
  title: string;
  runs: IComparedRun[];
  metric: string | null;
  metrics: string[];
  spec: { [key: string]: Json };
  differs: { summary: string; rows: IDifference[]; code: ICodeDiff[] };
}

export interface IExported {
  path: string;
}

export interface IErrorBody {
  error: { kind: string; message: string; column?: number };
}

/** What one run edit may say; left out fields stay as they are. */
export interface IRunEdit {
  name?: string;
  note?: string;
  starred?: boolean;
  trashed?: boolean;
  add_tags?: string[];
  remove_tags?: string[];
  baseline?: boolean;
  watch?: string[];
  ignore?: string[];
  restore?: string[];
  take?: { [name: string]: WireNumber };
}

/** What the events bus says when runs moved. */
export interface IRunsMoved {
  project: string;
  revision: number;
  runs: string[];
}

export interface ICardEntry {
  name: string;
  value: string;
  origin: Origin;
  reason: string;
}

/** A number that may be a metric. */
export interface IProposed {
  name: string;
  value: string;
  number: WireNumber;
  reason: string;
}

export interface ICurve {
  metric: string;
  steps: number[];
  values: (number | null)[];
}

export interface ILiveCardState {
  run_id: string;
  name: string;
  status: RunStatus;
  error: string | null;
  started: number;
  ended: number | null;
  cell: number | null;
  step: number | null;
  total: number | null;
  params: ICardEntry[];
  metrics: ICardEntry[];
  proposed: IProposed[];
  curves: ICurve[];
  tags: string[];
  note: string;
  message: string | null;
  kernel_id: string | null;
}

/** A card as a notebook keeps it. */
export interface IKeptCard extends ILiveCardState {
  /** When the kernel painted it. */
  painted: number;
}

export interface IRunsTableState {
  columns: { key: string; label: string; numeric: boolean }[];
  rows: {
    id: string;
    name: string;
    status: RunStatus;
    cells: string[];
    order: (number | string | null)[];
  }[];
  total: number;
}
