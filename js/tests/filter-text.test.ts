import { describe, expect, test } from 'vitest';
import {
  bothFilters,
  complete,
  fieldOf,
  markColumn,
  tokenise
} from '../src/lab/model/filter-text';

const NAMES = {
  params: ['depth', 'lr', 'learning rate'],
  metrics: ['acc', 'val_loss'],
  tags: ['baseline', 'best'],
  notebooks: ['train.ipynb']
};

function labels(filter: string): string[] {
  return complete(filter, filter.length, NAMES).items.map(({ label }) => label);
}

describe('colours', () => {
  test('pieces joined are the filter again', () => {
    const filter = 'metrics["val/loss"].min < -1.5e-3 and not ("a" in tags) !';

    expect(
      tokenise(filter)
        .map(({ text }) => text)
        .join('')
    ).toBe(filter);
  });

  test('words, operators, numbers and texts are told apart', () => {
    const kinds = tokenise('acc2 > 0.9 and "x"')
      .filter(({ text }) => text.trim())
      .map(({ kind }) => kind);

    expect(kinds).toEqual(['plain', 'operator', 'number', 'word', 'text']);
  });

  test('the piece with the mistake is marked, and one past the end is added', () => {
    const tokens = tokenise('metrics.ac > 1');

    expect(markColumn(tokens, 8).find(({ mistaken }) => mistaken)?.text).toBe(
      'metrics.ac'
    );
    expect(markColumn(tokens, 14).at(-1)).toMatchObject({ mistaken: true });
    expect(markColumn(tokens, null)).toEqual(tokens);
  });
});

describe('completion', () => {
  test('the beginning of a name offers the metrics and params that exist', () => {
    expect(labels('metrics.')).toContain('metrics.val_loss');
    expect(labels('lr')).toEqual(['params.lr']);
    expect(labels('metrics.acc > 0.9 and dep')).toEqual(['params.depth']);
  });

  test('a name that is no word is offered in brackets', () => {
    expect(labels('rate')).toEqual(['params["learning rate"]']);
    expect(fieldOf('metrics', 'val/loss')).toBe('metrics["val/loss"]');
    expect(fieldOf('params', 'Forest.depth')).toBe('params.Forest.depth');
  });

  test('within quotes tags and notebooks are offered, and the quote is closed', () => {
    const { items, from, to } = complete('"ba', 3, NAMES);

    expect(items).toEqual([
      { insert: 'baseline"', label: 'baseline', hint: 'tag' }
    ]);
    expect([from, to]).toEqual([1, 3]);
    expect(labels('"best" in t')).toContain('tags');
  });

  test('a second dot offers the parts of a metric', () => {
    expect(labels('metrics.acc.m')).toEqual([
      'metrics.acc.min',
      'metrics.acc.max',
      'metrics.acc.mean'
    ]);
  });

  test('nothing typed offers nothing', () => {
    expect(labels('')).toEqual([]);
    expect(labels('metrics.acc > 0.9 ')).toEqual([]);
  });
});

test('two filters are joined so that both count', () => {
  expect(bothFilters('a or b', 'notebook is None')).toBe(
    '(a or b) and notebook is None'
  );
  expect(bothFilters(' ', 'running')).toBe('running');
  expect(bothFilters('running', '')).toBe('running');
});
