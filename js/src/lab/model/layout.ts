import type { IRunRow } from '../../shared/wire';
import type { ISection } from './section';

export const ROW_HEIGHT = 46;
export const HEADER_HEIGHT = 26;

export type Item =
  | { kind: 'header'; index: number; top: number; section: ISection }
  | {
      kind: 'row';
      index: number;
      top: number;
      section: ISection;
      offset: number;
      row: IRunRow | undefined;
    };

interface IPlace {
  section: ISection;
  firstIndex: number;
  top: number;
  hasHeader: boolean;
  rows: number;
}

/** Where headers and rows of a list stand, whatever its length: nothing is kept for each row. */
export class Layout {
  readonly count: number;
  readonly height: number;

  constructor(sections: readonly ISection[]) {
    let index = 0;
    let top = 0;
    for (const section of sections) {
      const hasHeader = section.label !== null;
      const rows = section.collapsed ? 0 : section.matched;
      this._places.push({ section, firstIndex: index, top, hasHeader, rows });
      index += rows + (hasHeader ? 1 : 0);
      top += rows * ROW_HEIGHT + (hasHeader ? HEADER_HEIGHT : 0);
    }
    this.count = index;
    this.height = top;
  }

  /** The item at an index; undefined past either end. */
  at(index: number): Item | undefined {
    const place = this._places.find(
      ({ firstIndex, hasHeader, rows }) =>
        index >= firstIndex && index < firstIndex + rows + (hasHeader ? 1 : 0)
    );
    return place && itemOf(place, index - place.firstIndex);
  }

  /** The items that a window of the list shows, in order. */
  between(top: number, bottom: number): Item[] {
    const items: Item[] = [];
    for (const place of this._places) {
      const headerHeight = place.hasHeader ? HEADER_HEIGHT : 0;
      const end = place.top + headerHeight + place.rows * ROW_HEIGHT;
      if (end <= top || place.top >= bottom) {
        continue;
      }
      if (place.hasHeader && place.top + headerHeight > top) {
        items.push(itemOf(place, 0));
      }
      const rowsTop = place.top + headerHeight;
      const first = Math.max(0, Math.floor((top - rowsTop) / ROW_HEIGHT));
      const last = Math.min(
        place.rows - 1,
        Math.ceil((bottom - rowsTop) / ROW_HEIGHT) - 1
      );
      for (let offset = first; offset <= last; offset++) {
        items.push(itemOf(place, offset + (place.hasHeader ? 1 : 0)));
      }
    }
    return items;
  }

  private readonly _places: IPlace[] = [];
}

/** How tall an item is. */
export function heightOf(item: Item): number {
  return item.kind === 'header' ? HEADER_HEIGHT : ROW_HEIGHT;
}

function itemOf(place: IPlace, within: number): Item {
  const { section, firstIndex, top, hasHeader } = place;
  const index = firstIndex + within;
  if (hasHeader && within === 0) {
    return { kind: 'header', index, top, section };
  }
  const offset = within - (hasHeader ? 1 : 0);
  return {
    kind: 'row',
    index,
    top: top + (hasHeader ? HEADER_HEIGHT : 0) + offset * ROW_HEIGHT,
    section,
    offset,
    row: section.rowAt(offset)
  };
}
