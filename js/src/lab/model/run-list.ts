import type { IRunRow } from '../../shared/wire';
import { FIRST_CHOICES, type IChoices } from './choices';
import { bothFilters } from './filter-text';
import { Layout } from './layout';
import { orderParams } from './param-order';
import { PAGE_LENGTH, type Section } from './section';

/** What rows are asked for. */
export interface IRequest extends IChoices {
  path: string;
}

/** Gives the runs of one page. */
export type FetchRuns = (
  request: IRequest,
  offset: number,
  limit: number
) => Promise<readonly IRunRow[]>;

/** The sections that are shown, and the pages of them that have come. */
export class RunList {
  constructor(
    private readonly _fetch: FetchRuns,
    private readonly _onRows: (rows: Iterable<IRunRow>) => void
  ) {}

  get sections(): readonly Section[] {
    return this._sections;
  }

  /** The names of the params of the runs that have come, those that vary first. */
  get params(): readonly string[] {
    this._params ??= orderParams(this._rows());
    return this._params;
  }

  /** Show other sections; rows of the same request stay until newer ones come. */
  take(sections: readonly Section[], request: IRequest): void {
    const isSame = JSON.stringify(request) === JSON.stringify(this._request);
    const earlier = new Map(this._sections.map(each => [each.id, each]));
    for (const section of sections) {
      const before = earlier.get(section.id);
      if (before) {
        section.collapsed = before.collapsed;
        if (isSame) {
          section.inherit(before);
        }
      }
      this._onRows(section.loadedRows());
    }
    const isOwn = ({ label }: Section): boolean =>
      label !== null && isSameFile(request.path, label);
    this._sections = [
      ...sections.filter(isOwn),
      ...sections.filter(section => !isOwn(section))
    ].filter(({ label, matched }) => label === null || matched > 0);
    this._request = request;
    this._params = null;
  }

  clear(): void {
    this._sections = [];
    this._params = null;
  }

  /** Fetch what a window of the list shows and has not come yet. */
  async load(top: number, bottom: number): Promise<void> {
    const pages: Promise<void>[] = [];
    for (const [section, offsets] of this._seen(top, bottom)) {
      const first = offsets[0]!;
      const last = offsets[offsets.length - 1]!;
      for (const page of section.missingPages(first, last)) {
        pages.push(this._loadPage(section, page));
      }
    }
    await Promise.all(pages);
  }

  /** Put an edited run in place of the one that stands there. */
  replace(row: IRunRow): void {
    this._sections.forEach(section => section.replace(row));
    this._params = null;
  }

  /** The run with this id, if it has come. */
  find(id: string): IRunRow | undefined {
    for (const row of this._rows()) {
      if (row.id === id) {
        return row;
      }
    }
    return undefined;
  }

  private *_rows(): Iterable<IRunRow> {
    for (const section of this._sections) {
      yield* section.loadedRows();
    }
  }

  private _seen(top: number, bottom: number): Map<Section, number[]> {
    const byId = new Map(this._sections.map(each => [each.id, each]));
    const seen = new Map<Section, number[]>();
    for (const item of new Layout(this._sections).between(top, bottom)) {
      const section = byId.get(item.section.id);
      if (item.kind === 'row' && section) {
        seen.set(section, [...(seen.get(section) ?? []), item.offset]);
      }
    }
    return seen;
  }

  private async _loadPage(section: Section, page: number): Promise<void> {
    section.markAsked(page);
    const filter = bothFilters(this._request.filter, section.filter);
    const request = { ...this._request, filter };
    try {
      const first = page * PAGE_LENGTH;
      const rows = await this._fetch(request, first, PAGE_LENGTH);
      section.takePage(page, rows);
      this._params = null;
      this._onRows(rows);
    } catch (thrown) {
      section.forget(page);
      if (this._sections.includes(section)) {
        throw thrown;
      }
    }
  }

  private _sections: readonly Section[] = [];
  /** Worked out when it is asked for; null when rows have come since. */
  private _params: readonly string[] | null = null;
  private _request: IRequest = { path: '', ...FIRST_CHOICES };
}

/** Whether a path of the server and one of the project mean the same notebook. */
export function isSameFile(serverPath: string, projectPath: string): boolean {
  return serverPath === projectPath || serverPath.endsWith(`/${projectPath}`);
}
