import type { GroupBy } from '../api/runs-api';
import type { IGroup, IRunRow } from '../../shared/wire';

export const PAGE_LENGTH = 100;

/** One stretch of the list, as a view sees it: the runs of a group, or all of them. */
export interface ISection {
  /** Tells sections apart; the group's key, or a blank for the one without a header. */
  readonly id: string;
  /** What the header says; null for the only section of a list that is not grouped. */
  readonly label: string | null;
  readonly matched: number;
  readonly total: number;
  readonly collapsed: boolean;
  /** The run at a place, if it has come. */
  rowAt(offset: number): IRunRow | undefined;
}

/** A section with the pages that have come so far. */
export class Section implements ISection {
  matched = 0;
  total = 0;
  collapsed = false;

  constructor(
    readonly id: string,
    readonly label: string | null,
    readonly filter: string
  ) {}

  static ofGroup(group: IGroup, by: GroupBy): Section {
    const section = new Section(
      group.key === null ? '' : `=${group.key}`,
      group.key ?? `without a ${by}`,
      group.filter
    );
    section.matched = group.matched;
    section.total = group.total;
    return section;
  }

  rowAt(offset: number): IRunRow | undefined {
    return this._pages.get(Math.floor(offset / PAGE_LENGTH))?.[
      offset % PAGE_LENGTH
    ];
  }

  /** Pages that a stretch of rows needs and that nobody has asked for. */
  missingPages(first: number, last: number): number[] {
    const missing: number[] = [];
    const lastPage = Math.floor(Math.min(last, this.matched - 1) / PAGE_LENGTH);
    for (let page = Math.floor(first / PAGE_LENGTH); page <= lastPage; page++) {
      if (!this._asked.has(page)) {
        missing.push(page);
      }
    }
    return missing;
  }

  markAsked(page: number): void {
    this._asked.add(page);
  }

  forget(page: number): void {
    this._asked.delete(page);
  }

  takePage(page: number, rows: readonly IRunRow[]): void {
    this._asked.add(page);
    this._pages.set(page, rows);
  }

  /** Show the rows of an earlier reading of the same group where no newer ones have come; they are still asked for. */
  inherit(earlier: Section): void {
    for (const [page, rows] of earlier._pages) {
      if (!this._pages.has(page)) {
        this._pages.set(page, rows);
      }
    }
  }

  /** Put an edited run in place of the one that stands there. */
  replace(row: IRunRow): void {
    for (const [page, rows] of this._pages) {
      if (rows.some(({ id }) => id === row.id)) {
        const changed = rows.map(each => (each.id === row.id ? row : each));
        this._pages.set(page, changed);
      }
    }
  }

  *loadedRows(): Iterable<IRunRow> {
    for (const rows of this._pages.values()) {
      yield* rows;
    }
  }

  private readonly _asked = new Set<number>();
  private readonly _pages = new Map<number, readonly IRunRow[]>();
}
