import { expect, test } from 'vitest';
import { orderParams, shortName } from '../src/lab/model/param-order';
import type { IRunRow } from '../src/shared/wire';
import { makeRun } from './fake-server';

function runWith(params: IRunRow['params']): IRunRow {
  return { ...makeRun('a', 'train.ipynb'), params };
}

test('params that differ come before those that only some runs have, and both before those that all share', () => {
  const rows = [
    runWith({ epochs: 60, hidden: 64, lr: 0.01 }),
    runWith({ epochs: 60, lr: 0.003 })
  ];

  expect(orderParams(rows)).toEqual(['lr', 'hidden', 'epochs']);
});

test('lists are compared by what they hold', () => {
  const rows = [
    runWith({ layers: [64, 64], seed: 0 }),
    runWith({ layers: [64, 64], seed: 1 })
  ];

  expect(orderParams(rows)).toEqual(['seed', 'layers']);
});

test('no runs have no params', () => {
  expect(orderParams([])).toEqual([]);
});

test('a name is shortened to its last part unless another one ends so too', () => {
  const names = [
    'lr',
    'Forest.max_depth',
    'Tree.max_leaves',
    'Ridge.alpha',
    'Lasso.alpha'
  ];

  expect(names.map(name => shortName(name, names))).toEqual([
    'lr',
    'max_depth',
    'max_leaves',
    'Ridge.alpha',
    'Lasso.alpha'
  ]);
});
