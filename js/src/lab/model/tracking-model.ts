import { Signal, type ISignal } from '@lumino/signaling';
import type { RunsApi } from '../api/runs-api';
import type { IRunRow, IRunsMoved } from '../../shared/wire';
import { isSameFile } from './run-list';

/** Which run goes on in one notebook. */
export class TrackingModel {
  constructor(
    private readonly _api: RunsApi,
    private readonly _path: () => string
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The run that was started last and still goes on. */
  get run(): IRunRow | null {
    return this._run;
  }

  /** Ask again. A server that does not answer counts as no run: the item stays away. */
  async load(): Promise<void> {
    const path = this._path();
    const run = await this._find(path);
    if (run?.id !== this._run?.id || run?.name !== this._run?.name) {
      this._run = run;
      this._changed.emit();
    }
  }
  /** Whether runs of the notebook's project moved; news of a project that came or went names no run. */
  concerns(moved: IRunsMoved): boolean {
    return moved.project === this._projectId || moved.runs.length === 0;
  }

  private async _find(path: string): Promise<IRunRow | null> {
    const request = { filter: 'running', sort: '-started', metric: null };
    try {
      const page = await this._api.page({
        path,
        ...request,
        offset: 0,
        limit: 50
      });
      this._projectId = page.project.id;
      const isHere = ({ notebook }: IRunRow): boolean =>
        notebook !== null && isSameFile(path, notebook);
      return page.runs.find(isHere) ?? null;
    } catch {
      return null;
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _run: IRunRow | null = null;
  private _projectId: string | null = null;
}
