import { RunsApi, type Transport } from '../src/lab/api/runs-api';
import type { IRunEdit, IRunRow } from '../src/shared/wire';
import { golden } from './golden';

type Asked = Parameters<Transport>[0];

/** A server in memory: it knows filters of the form `name == "…"` and `notebook == "…"`, joined by `and`. Below `broken` it reads nothing. */
export class FakeServer {
  runs: IRunRow[] = [];
  projectId = 'p1';
  isDown = false;
  /** What was asked, oldest first. */
  readonly asked: Asked[] = [];
  /** Answers that wait until they are let go. */
  private _held: (() => void)[] | null = null;

  readonly api = new RunsApi(async request => {
    this.asked.push(request);
    const held = this._held;
    if (held) {
      await new Promise<void>(resolve => held.push(resolve));
    }
    return this._answer(request);
  });

  hold(): () => void {
    this._held = [];
    return () => {
      const held = this._held ?? [];
      this._held = null;
      held.forEach(release => release());
    };
  }

  count(route: string): number {
    return this.asked.filter(request => request.route === route).length;
  }

  private _answer(request: Asked): { status: number; body: unknown } {
    const { route, query } = request;
    const filter = query.filter ?? '';
    if (this.isDown) {
      return { status: 503, body: null };
    }
    if (query.path?.includes('broken')) {
      const error = { kind: 'StoreUnreadableError', message: 'no database' };
      return { status: 422, body: { error } };
    }
    if (filter.includes('oops')) {
      return { status: 400, body: golden('error') };
    }
    if (route === 'groups') {
      return { status: 200, body: { groups: this._groups(filter) } };
    }
    if (route === 'runs') {
      return { status: 200, body: this._page(filter, query) };
    }
    const run = this.runs.find(({ id }) => route === `runs/${id}`);
    if (!run) {
      return { status: 500, body: null };
    }
    Object.assign(run, request.body as IRunEdit);
    return { status: 200, body: run };
  }

  private _groups(filter: string): unknown[] {
    const keys = [...new Set(this.runs.map(({ notebook }) => notebook))];
    return keys.map(key => {
      const own = `notebook == "${key}"`;
      return {
        key,
        filter: own,
        matched: this._pass(`${filter} and ${own}`).length,
        total: this._pass(own).length
      };
    });
  }

  private _page(filter: string, query: Record<string, string>): unknown {
    const matched = this._pass(filter);
    const offset = Number(query.offset);
    return {
      project: {
        id: this.projectId,
        name: 'p',
        root: '/p',
        path: '',
        exists: true
      },
      revision: 1,
      total: this.runs.length,
      matched: matched.length,
      running: 0,
      metric: null,
      metrics: [],
      baseline: null,
      names: { params: [], metrics: [], tags: [], notebooks: [] },
      offset,
      runs: matched.slice(offset, offset + Number(query.limit))
    };
  }

  private _pass(filter: string): IRunRow[] {
    const wanted = [...filter.matchAll(/(name|notebook) == "([^"]*)"/g)];
    return this.runs.filter(run =>
      wanted.every(([, field, value]) =>
        field === 'name' ? run.name === value : run.notebook === value
      )
    );
  }
}

/** A run with this name, in a notebook. */
export function makeRun(name: string, notebook = 'train.ipynb'): IRunRow {
  return { ...golden<IRunRow>('run_row'), id: `id-${name}`, name, notebook };
}
