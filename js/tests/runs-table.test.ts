// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest';
import type { IRunsTableState } from '../src/shared/wire';
import table from '../src/widgets/runs_table';

const STATE: IRunsTableState = {
  columns: [
    { key: 'metrics.acc', label: 'acc', numeric: true },
    { key: 'notebook', label: 'notebook', numeric: false }
  ],
  rows: [
    {
      id: '1',
      name: 'calm-heron',
      status: 'finished',
      cells: ['0.92', 'b.ipynb'],
      order: [0.92, 'b.ipynb']
    },
    {
      id: '2',
      name: 'bold-lynx',
      status: 'failed',
      cells: ['', 'a.ipynb'],
      order: [null, 'a.ipynb']
    },
    {
      id: '3',
      name: 'swift-otter',
      status: 'running',
      cells: ['0.934', 'c.ipynb'],
      order: [0.934, 'c.ipynb']
    }
  ],
  total: 42
};

let el: HTMLElement;

beforeEach(() => {
  el = document.createElement('div');
  table.render({
    model: {
      get: () => STATE,
      on: () => undefined,
      off: () => undefined,
      send: () => undefined
    },
    el
  });
});

function names(): string[] {
  return [...el.querySelectorAll('tbody th')].map(
    cell => cell.textContent?.trim() ?? ''
  );
}

function press(column: number): void {
  el.querySelectorAll<HTMLElement>('thead button')[column]!.click();
}

test('rows stand as they came, with a dot that tells the status', () => {
  expect(names()).toEqual(['calm-heron', 'bold-lynx', 'swift-otter']);
  expect(el.querySelectorAll('[role=img]')[1]?.getAttribute('aria-label')).toBe(
    'failed'
  );
  expect(el.querySelector('.nbt-count')?.textContent).toBe('3 of 42 runs');
});

test('a click on a number sorts the largest first, a second the smallest; what is missing stays last', () => {
  press(1);
  expect(names()).toEqual(['swift-otter', 'calm-heron', 'bold-lynx']);

  press(1);
  expect(names()).toEqual(['calm-heron', 'swift-otter', 'bold-lynx']);
  expect(el.querySelectorAll('thead th')[1]?.getAttribute('aria-sort')).toBe(
    'ascending'
  );
});

test('texts are sorted by the alphabet first', () => {
  press(0);
  expect(names()).toEqual(['bold-lynx', 'calm-heron', 'swift-otter']);

  press(2);
  expect(names()).toEqual(['bold-lynx', 'calm-heron', 'swift-otter']);
});

test('numbers stand at the right', () => {
  expect(el.querySelectorAll('td.nbt-numeric')).toHaveLength(3);
});
