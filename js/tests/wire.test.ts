import { describe, expect, test } from 'vitest';
import { Problem } from '../src/lab/api/problem';
import { RunsApi } from '../src/lab/api/runs-api';
import { toNumber } from '../src/shared/numbers';
import type {
  IComparison,
  IErrorBody,
  IGroups,
  IRunDetails,
  IRunRow,
  IRunsMoved,
  IRunsPage
} from '../src/shared/wire';
import { golden } from './golden';

/** The keys of a value, and of what it holds, so that a shape can be compared with the fields that the code reads. */
function keys(value: object): string[] {
  return Object.keys(value).sort();
}

const ROW_KEYS = [
  'baseline',
  'duration_s',
  'ended',
  'error',
  'id',
  'metric',
  'metrics',
  'name',
  'note',
  'notebook',
  'params',
  'parent',
  'revision',
  'spark',
  'starred',
  'started',
  'status',
  'tags',
  'trashed'
];

describe('the golden files', () => {
  test('a page of runs has the fields that the model reads', () => {
    const page = golden<IRunsPage>('runs_page');

    expect(keys(page)).toEqual([
      'baseline',
      'matched',
      'metric',
      'metrics',
      'names',
      'offset',
      'project',
      'revision',
      'running',
      'runs',
      'total'
    ]);
    expect(keys(page.project)).toEqual([
      'exists',
      'id',
      'name',
      'path',
      'root'
    ]);
    expect(keys(page.names)).toEqual([
      'metrics',
      'notebooks',
      'params',
      'tags'
    ]);
    page.runs.forEach(row => expect(keys(row)).toEqual(ROW_KEYS));
  });

  test('a row has the fields that the list draws', () => {
    const row = golden<IRunRow>('run_row');

    expect(keys(row)).toEqual(ROW_KEYS);
    Object.values(row.metrics).forEach(metric =>
      expect(keys(metric)).toEqual([
        'count',
        'last',
        'max',
        'mean',
        'min',
        'step'
      ])
    );
  });

  test('every metric value is a number or one of the three words for what JSON lacks', () => {
    const { runs } = golden<IRunsPage>('runs_page');
    const values = runs.flatMap(({ metrics }) =>
      Object.values(metrics).flatMap(({ last, min, max }) => [last, min, max])
    );

    expect(values.length).toBeGreaterThan(0);
    values.forEach(value => expect(typeof toNumber(value)).toBe('number'));
    expect(
      values.filter(value => Number.isNaN(toNumber(value)) && value !== 'NaN')
    ).toEqual([]);
  });

  test('groups say how to ask for their runs', () => {
    golden<IGroups>('groups').groups.forEach(group =>
      expect(keys(group)).toEqual(['filter', 'key', 'matched', 'total'])
    );
  });

  test('the details of a run have the fields of its tab', () => {
    const details = golden<IRunDetails>('run_details');

    expect(keys(details)).toEqual([
      'artifacts',
      'datasets',
      'environment',
      'executions',
      'metrics',
      'params',
      'run'
    ]);
    details.params.forEach(param =>
      expect(keys(param)).toEqual([
        'earlier',
        'key',
        'origin',
        'reason',
        'value'
      ])
    );
    details.executions.forEach(execution =>
      expect(keys(execution)).toEqual([
        'cell_id',
        'duration_s',
        'error',
        'id',
        'number',
        'source',
        'started',
        'status'
      ])
    );
    details.datasets.forEach(dataset =>
      expect(keys(dataset)).toEqual([
        'columns',
        'digest',
        'execution',
        'extent',
        'kind',
        'name',
        'role',
        'sampled',
        'size',
        'width'
      ])
    );
    expect(keys(details.datasets[1]!.columns[0]!)).toEqual([
      'distinct',
      'max',
      'mean',
      'median',
      'min',
      'missing',
      'name',
      'rows',
      'top',
      'type'
    ]);
    details.artifacts.forEach(artifact =>
      expect(keys(artifact)).toEqual(['digest', 'mime', 'path', 'size'])
    );
  });

  test('a comparison has one value a run in each row', () => {
    const comparison = golden<IComparison>('comparison');

    expect(keys(comparison)).toEqual([
      'differs',
      'metric',
      'metrics',
      'runs',
      'spec',
      'title'
    ]);
    comparison.differs.rows.forEach(row =>
      expect(row.values).toHaveLength(comparison.runs.length)
    );
    comparison.differs.code.forEach(({ lines }) =>
      lines.forEach(({ op }) => expect(['+', '-', ' ']).toContain(op))
    );
  });

  test('news of runs names the project, a revision and the runs', () => {
    expect(keys(golden<IRunsMoved>('event'))).toEqual([
      'project',
      'revision',
      'runs'
    ]);
  });

  test('an error becomes a problem with its column', async () => {
    const body = golden<IErrorBody>('error');
    const api = new RunsApi(async () => ({ status: 400, body }));

    const problem = await api.groups('', '', 'status').catch(Problem.from);

    expect(problem).toMatchObject({
      kind: body.error.kind,
      message: body.error.message,
      column: body.error.column
    });
  });
});
