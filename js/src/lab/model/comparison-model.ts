import type { ISignal } from '@lumino/signaling';
import type { Problem } from '../api/problem';
import type { RunsApi } from '../api/runs-api';
import type { IComparison, IRunsMoved } from '../../shared/wire';
import { Loaded } from './loaded';

export interface IComparisonState {
  runs: readonly string[];
  metric: string | null;
  baseline: string | null;
  loading: boolean;
  comparison: IComparison | null;
  problem: Problem | null;
}

/** One comparison of some runs: what is chosen, and what the server drew. */
export class ComparisonModel {
  constructor(
    private readonly _api: RunsApi,
    readonly path: string,
    readonly runs: readonly string[]
  ) {
    this._answer = new Loaded(() =>
      _api.compare(path, runs, this._metric, this._baseline)
    );
  }

  get changed(): ISignal<unknown, void> {
    return this._answer.changed;
  }

  get state(): IComparisonState {
    const { value: comparison, problem, loading } = this._answer;
    const metric = this._metric ?? comparison?.metric ?? null;
    const marked = comparison?.runs.find(run => run.baseline)?.id ?? null;
    const baseline = this._baseline ?? marked;
    return {
      runs: this.runs,
      metric,
      baseline,
      loading,
      comparison,
      problem
    };
  }

  load(): Promise<void> {
    return this._answer.load();
  }

  chooseMetric(metric: string): void {
    this._metric = metric;
    void this.load();
  }

  chooseBaseline(baseline: string): void {
    this._baseline = baseline;
    void this.load();
  }

  /** Whether one of these runs moved. */
  concerns(moved: IRunsMoved): boolean {
    return moved.runs.some(id => this.runs.includes(id));
  }

  /** Write the comparison as a notebook; gives its path. Throws a `Problem`. */
  async export(): Promise<string> {
    const { path, runs } = this;
    return (await this._api.export(path, runs, this._metric)).path;
  }

  private readonly _answer: Loaded<IComparison>;
  private _metric: string | null = null;
  private _baseline: string | null = null;
}
