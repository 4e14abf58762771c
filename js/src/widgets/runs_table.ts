import type { IRunsTableState } from '../shared/wire';
import type { IRenderContext } from './anywidget';
import { html } from '../shared/elements';
import { statusDot } from '../shared/card/status-dot';

type Row = IRunsTableState['rows'][number];

/** A column, or −1 for the names; null keeps the order in which the rows came. */
interface ISorting {
  column: number;
  descending: boolean;
}

/** Runs as a table; a click on a header sorts by it, the next one the other way round. */
function render({ model, el }: IRenderContext<IRunsTableState>): () => void {
  let sorting: ISorting | null = null;
  const place = html('div', { class: 'nbt-table' });
  el.append(place);
  const draw = (): void => {
    const state = model.get('state');
    const sort = (column: number): void => {
      const isAgain = sorting?.column === column;
      const numeric = state.columns[column]?.numeric ?? false;
      sorting = {
        column,
        descending: isAgain ? !sorting!.descending : numeric
      };
      draw();
      focusHeader(place, column);
    };
    place.replaceChildren(
      tableOf(state, sorting, sort),
      html('div', { class: 'nbt-count' }, describeCount(state))
    );
  };
  model.on('change:state', draw);
  draw();
  return () => model.off('change:state', draw);
}

function tableOf(
  state: IRunsTableState,
  sorting: ISorting | null,
  sort: (column: number) => void
): HTMLElement {
  const heads = [{ label: 'run', numeric: false }, ...state.columns];
  const header = heads.map(({ label, numeric }, index) => {
    const column = index - 1;
    const isSorted = sorting?.column === column;
    const arrow = isSorted ? (sorting.descending ? ' ▼' : ' ▲') : '';
    const press = html('button', { type: 'button' }, label + arrow);
    press.addEventListener('click', () => sort(column));
    const order = sorting?.descending ? 'descending' : 'ascending';
    return html(
      'th',
      {
        scope: 'col',
        class: numeric ? 'nbt-numeric' : null,
        'aria-sort': isSorted ? order : 'none'
      },
      press
    );
  });
  return html(
    'table',
    {},
    html('thead', {}, html('tr', {}, ...header)),
    html(
      'tbody',
      {},
      ...sortRows(state.rows, sorting).map(row => rowOf(row, state))
    )
  );
}

function rowOf(row: Row, { columns }: IRunsTableState): HTMLElement {
  const name = html(
    'th',
    { scope: 'row' },
    statusDot(row.status),
    ` ${row.name}`
  );
  const cells = row.cells.map((text, index) =>
    html(
      'td',
      { class: columns[index]?.numeric ? 'nbt-numeric' : null, title: text },
      text
    )
  );
  return html('tr', {}, name, ...cells);
}

/** Rows without a value come last, whichever way the others stand. */
export function sortRows(
  rows: readonly Row[],
  sorting: ISorting | null
): readonly Row[] {
  if (!sorting) {
    return rows;
  }
  const { column, descending } = sorting;
  const keyOf = (row: Row): number | string | null =>
    column < 0 ? row.name : (row.order[column] ?? null);
  return [...rows].sort((first, second) => {
    const [a, b] = [keyOf(first), keyOf(second)];
    if (a === null || b === null) {
      return Number(a === null) - Number(b === null);
    }
    const order =
      typeof a === 'number' && typeof b === 'number'
        ? a - b
        : String(a).localeCompare(String(b));
    return descending ? -order : order;
  });
}

function describeCount({ rows, total }: IRunsTableState): string {
  const noun = total === 1 ? 'run' : 'runs';
  return rows.length === total
    ? `${total} ${noun}`
    : `${rows.length} of ${total} ${noun}`;
}

function focusHeader(place: HTMLElement, column: number): void {
  place.querySelectorAll<HTMLElement>('th button')[column + 1]?.focus();
}

export default { render };
