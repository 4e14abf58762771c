import { describe, expect, test } from 'vitest';
import {
  describeColumns,
  describeDataset
} from '../src/lab/model/dataset-text';
import type { IDataset, IDatasetColumn, IRunDetails } from '../src/shared/wire';
import { golden } from './golden';

const NOTHING: IDatasetColumn = {
  name: 'x',
  type: 'object',
  missing: null,
  rows: null,
  min: null,
  median: null,
  max: null,
  mean: null,
  distinct: null,
  top: []
};

describe('data in the details of a run', () => {
  const [file, frame] = golden<IRunDetails>('run_details').datasets as [
    IDataset,
    IDataset
  ];

  test('a frame says its kind, shape, size and role', () => {
    expect(describeDataset(frame)).toEqual([
      'pandas.DataFrame',
      '1,400 × 3',
      '33.6 kB',
      'read'
    ]);
  });

  test('a file says its size once', () => {
    expect(describeDataset(file)).toEqual(['file', '', '31.2 kB', 'read']);
  });

  test('columns say what was measured of them', () => {
    expect(describeColumns(frame.columns)).toEqual({
      heads: ['column', 'type', 'missing', 'min', 'median', 'max', 'values'],
      rows: [
        ['age', 'float64', '3', '29', '56', '77', ''],
        ['sex', 'str', '0', '', '', '', '2 different: m, f'],
        [
          'when',
          'datetime64[us]',
          '0',
          '2026-01-01',
          '2026-01-01',
          '2026-02-01',
          ''
        ]
      ]
    });
  });

  test('what no column says is left out', () => {
    expect(describeColumns([NOTHING])).toEqual({
      heads: ['column', 'type'],
      rows: [['x', 'object']]
    });
  });

  test('what is missing is a share where not all rows were looked at', () => {
    const { rows } = describeColumns([
      { ...NOTHING, missing: 25, rows: 10000 }
    ]);

    expect(rows[0]![2]).toBe('0.25 %');
  });

  test('many different values are counted, not shown', () => {
    const { rows } = describeColumns([{ ...NOTHING, distinct: 19968 }]);

    expect(rows[0]![2]).toBe('19,968 different');
  });
});
