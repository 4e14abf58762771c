import type {
  IComparison,
  IExported,
  IGroup,
  IGroups,
  IRunDetails,
  IRunEdit,
  IRunRow,
  IRunsPage
} from '../../shared/wire';
import { Problem } from './problem';

/** The one seam to the network: asks one route and gives the answer, whatever its status. */
export type Transport = (request: {
  method: 'GET' | 'POST' | 'PATCH';
  route: string;
  query: Record<string, string>;
  body?: unknown;
}) => Promise<{ status: number; body: unknown }>;

export type GroupBy = 'notebook' | 'status' | 'tag';

export interface IPageRequest {
  path: string;
  filter: string;
  sort: string;
  offset: number;
  limit: number;
  metric: string | null;
  /** The params that rows need; left out or null for the first hundred of each run. */
  params?: readonly string[] | null;
}

/** nbtrail's routes as functions; each throws a `Problem` when the server does not do what was asked. */
export class RunsApi {
  constructor(private readonly _transport: Transport) {}

  page(request: IPageRequest): Promise<IRunsPage> {
    const { path, filter, sort, offset, limit, metric, params } = request;
    const query: Record<string, string> = {
      path,
      filter,
      sort,
      offset: String(offset),
      limit: String(limit),
      // Rows show one metric: with thousands of them the summaries of all would be most of the answer.
      summaries: '0'
    };
    if (params) {
      query.params = JSON.stringify(params);
    }
    if (metric !== null) {
      query.metric = metric;
    }
    return this._ask('GET', 'runs', query);
  }

  async groups(path: string, filter: string, by: GroupBy): Promise<IGroup[]> {
    const query = { path, filter, by };
    return (await this._ask<IGroups>('GET', 'groups', query)).groups;
  }

  details(path: string, id: string): Promise<IRunDetails> {
    return this._ask('GET', runRoute(id), { path });
  }

  edit(path: string, id: string, edit: IRunEdit): Promise<IRunRow> {
    return this._ask('PATCH', runRoute(id), { path }, edit);
  }

  compare(
    path: string,
    runs: readonly string[],
    metric: string | null,
    baseline: string | null
  ): Promise<IComparison> {
    const body = { runs, metric, baseline };
    return this._ask('POST', 'compare', { path }, body);
  }

  export(
    path: string,
    runs: readonly string[],
    metric: string | null
  ): Promise<IExported> {
    return this._ask('POST', 'export', { path }, { runs, metric });
  }

  private async _ask<T>(
    method: 'GET' | 'POST' | 'PATCH',
    route: string,
    query: Record<string, string>,
    body?: unknown
  ): Promise<T> {
    const answer = await this._transport({ method, route, query, body });
    if (answer.status < 200 || answer.status >= 300) {
      throw Problem.fromAnswer(answer.status, answer.body);
    }
    return answer.body as T;
  }
}

function runRoute(id: string): string {
  return `runs/${encodeURIComponent(id)}`;
}
