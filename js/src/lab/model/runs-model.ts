import { Signal, type ISignal } from '@lumino/signaling';
import { Problem } from '../api/problem';
import type { RunsApi } from '../api/runs-api';
import type { IRunEdit, IRunRow, IRunsPage } from '../../shared/wire';
import { FIRST_CHOICES, type IChoices, type IChoicesStore } from './choices';
import { RunList, type IRequest } from './run-list';
import type {
  IRunsActions,
  IRunsState,
  ISelectedRun,
  ISummary
} from './runs-state';
import { PAGE_LENGTH, Section } from './section';

/** The runs of one project at a time: what is chosen, what has come from the server, what is selected. */
export class RunsModel implements IRunsActions {
  constructor(
    private readonly _api: RunsApi,
    private readonly _store: IChoicesStore | null = null
  ) {
    const fetchRows = async (
      request: IRequest,
      offset: number,
      limit: number
    ): Promise<readonly IRunRow[]> =>
      (await this._fetch(request, offset, limit)).runs;
    this._list = new RunList(fetchRows, rows => this._onRows(rows));
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): IRunsState {
    return {
      path: this._path,
      loading: this._pending > 0,
      summary: this._summary,
      problem: this._problem,
      filterProblem: this._filterProblem,
      choices: this._choices,
      sections: this._list.sections,
      params: this._choices.params ?? this._list.params,
      selected: [...this._selected.values()]
    };
  }

  /** Look at the project of another notebook or folder. */
  setPath(path: string): void {
    if (path !== this._path) {
      this._path = path;
      this._startAnew();
    }
  }

  /** While nobody looks nothing is fetched; what was asked for meanwhile is fetched on return. */
  setActive(active: boolean): void {
    this._active = active;
    if (active && this._isStale) {
      this.refresh();
    }
  }

  choose(changes: Partial<IChoices>): void {
    this._choices = { ...this._choices, ...changes };
    const project = this._summary?.project;
    if (this._store && project?.exists) {
      const { sort, groupBy, metric, params } = this._choices;
      const kept = { sort, groupBy, metric, params };
      void this._store.save(project.id, kept);
    }
    this._startAnew();
  }

  refresh(): void {
    void this.load();
  }

  /** Ask the server again for everything on the screen; settles when it has come, and never rejects. */
  async load(): Promise<void> {
    this._isStale = !this._active;
    if (!this._active) {
      return;
    }
    const turn = ++this._turn;
    const request = { path: this._path, ...this._choices };
    await this._guard(async () => {
      const { path, filter, groupBy } = request;
      const [head, groups] = await Promise.all([
        this._fetch(request, 0, groupBy === null ? PAGE_LENGTH : 1),
        groupBy && this._api.groups(path, filter, groupBy)
      ]);
      if (turn !== this._turn) {
        return;
      }
      const isOther = head.project.id !== this._summary?.project.id;
      this._takeSummary(head);
      if (isOther && (await this._restoreChoices(head.project.id))) {
        return;
      }
      this._list.take(
        groups && groupBy
          ? groups.map(group => Section.ofGroup(group, groupBy))
          : [onlySection(head)],
        request
      );
      await this._list.load(this._window.top, this._window.bottom);
    }, turn);
  }

  toggleRun({ id, name }: ISelectedRun): void {
    if (!this._selected.delete(id)) {
      this._selected.set(id, { id, name });
    }
    this._changed.emit();
  }

  clearSelection(): void {
    this._selected.clear();
    this._changed.emit();
  }

  toggleSection(id: string): void {
    const section = this._list.sections.find(each => each.id === id);
    if (section) {
      section.collapsed = !section.collapsed;
      this._changed.emit();
      this._loadWindow();
    }
  }

  showWindow(top: number, bottom: number): void {
    this._window = { top, bottom };
    this._loadWindow();
  }

  /** Change something about a run, here and in the store. Throws a `Problem`. */
  async edit(id: string, edit: IRunEdit): Promise<IRunRow> {
    const row = await this._api.edit(this._path, id, edit);
    this._list.replace(row);
    if (row.trashed) {
      this._selected.delete(id);
    }
    this._onRows([row]);
    this.refresh();
    return row;
  }

  /** The run with this id, if it has come. */
  find(id: string): IRunRow | undefined {
    return this._list.find(id);
  }

  private _startAnew(): void {
    this._turn += 1;
    this._changed.emit();
    this.refresh();
  }

  private _fetch(
    { path, filter, sort, metric, params }: IRequest,
    offset: number,
    limit: number
  ): Promise<IRunsPage> {
    return this._api.page({
      path,
      filter,
      sort,
      offset,
      limit,
      metric,
      params
    });
  }

  private _loadWindow(): void {
    const { top, bottom } = this._window;
    if (this._active) {
      void this._guard(() => this._list.load(top, bottom), this._turn);
    }
  }

  private async _guard(work: () => Promise<void>, turn: number): Promise<void> {
    this._pending += 1;
    try {
      await work();
    } catch (thrown) {
      if (turn === this._turn) {
        this._takeProblem(Problem.from(thrown));
      }
    } finally {
      this._pending -= 1;
      this._changed.emit();
    }
  }

  private _takeSummary(head: IRunsPage): void {
    if (head.project.id !== this._summary?.project.id) {
      this._forgetRuns();
    }
    this._summary = summaryOf(head);
    this._shownPath = this._path;
    this._problem = null;
    this._filterProblem = null;
  }

  /** Where somebody has gone elsewhere, what is shown is of another place: neither its runs nor its filter stay. */
  private _takeProblem(problem: Problem): void {
    const isElsewhere = this._path !== this._shownPath;
    if (problem.kind !== 'FilterError') {
      this._problem = problem;
      if (isElsewhere) {
        this._summary = null;
        this._forgetRuns();
      }
    } else if (isElsewhere && this._choices.filter) {
      this._choices = { ...this._choices, filter: '' };
      this._startAnew();
    } else {
      this._filterProblem = problem;
    }
  }

  private _forgetRuns(): void {
    this._selected.clear();
    this._list.clear();
  }

  /** Whether choices of an earlier visit were found; then everything is asked for again. */
  private async _restoreChoices(projectId: string): Promise<boolean> {
    const kept = await this._store?.load(projectId);
    if (!kept || Object.keys(kept).length === 0) {
      return false;
    }
    this._choices = { ...this._choices, ...kept };
    this._startAnew();
    return true;
  }

  /** Rows came: a selected run may have another name now. */
  private _onRows(rows: Iterable<IRunRow>): void {
    for (const { id, name } of rows) {
      if (this._selected.has(id)) {
        this._selected.set(id, { id, name });
      }
    }
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _list: RunList;
  private readonly _selected = new Map<string, ISelectedRun>();
  private _choices = FIRST_CHOICES;
  private _path = '';
  private _active = false;
  private _isStale = true;
  private _pending = 0;
  /** Counts what was asked: an answer to an earlier question is dropped. */
  private _turn = 0;
  private _window = { top: 0, bottom: 1200 };
  private _summary: ISummary | null = null;
  /** The path that the summary was asked for. */
  private _shownPath: string | null = null;
  private _problem: Problem | null = null;
  private _filterProblem: Problem | null = null;
}

function onlySection(head: IRunsPage): Section {
  const section = new Section('', null, '');
  section.matched = head.matched;
  section.total = head.total;
  section.takePage(0, head.runs);
  return section;
}

function summaryOf(head: IRunsPage): ISummary {
  const { project, total, matched, running } = head;
  const { metric, metrics, baseline, names } = head;
  return { project, total, matched, running, metric, metrics, baseline, names };
}
