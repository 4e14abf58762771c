import { formatBytes, formatCount, formatNumber } from '../../shared/numbers';
import type { IDataset, IDatasetColumn, WireNumber } from '../../shared/wire';

const HEADS = ['column', 'type', 'missing', 'min', 'median', 'max', 'values'];

/** A table of texts; a column in which no row says anything is left out. */
export interface ITextTable {
  heads: string[];
  rows: string[][];
}

/** Kind, shape, size and role of some data; a size is not said twice. */
export function describeDataset(dataset: IDataset): string[] {
  const size = formatBytes(dataset.size);
  return [
    dataset.kind,
    dataset.extent === size ? '' : dataset.extent,
    dataset.size > 0 ? size : '',
    dataset.role
  ];
}

/** What is known of each column, the column's name first. */
export function describeColumns(
  columns: readonly IDatasetColumn[]
): ITextTable {
  const rows = columns.map(column => [
    column.name || 'all values',
    column.type,
    describeMissing(column),
    formatEnd(column.min),
    formatEnd(column.median),
    formatEnd(column.max),
    describeValues(column)
  ]);
  const isSaid = (_: unknown, place: number): boolean =>
    place === 0 || rows.some(row => row[place] !== '');
  return {
    heads: HEADS.filter(isSaid),
    rows: rows.map(row => row.filter(isSaid))
  };
}

/** A count; a share where not all rows were looked at. */
function describeMissing({ missing, rows }: IDatasetColumn): string {
  if (missing === null) {
    return '';
  }
  return rows === null || missing === 0
    ? formatCount(missing)
    : `${formatNumber((100 * missing) / rows)} %`;
}

/** How many different values there are, and the most common ones. */
function describeValues({ distinct, top }: IDatasetColumn): string {
  if (distinct === null) {
    return '';
  }
  const count = `${formatCount(distinct)} different`;
  return top.length > 0 ? `${count}: ${top.join(', ')}` : count;
}

function formatEnd(value: WireNumber | string | null): string {
  return typeof value === 'number' ? formatNumber(value) : (value ?? '');
}
