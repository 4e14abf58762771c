import { expect, test } from 'vitest';
import { RunsApi } from '../src/lab/api/runs-api';
import { ComparisonModel } from '../src/lab/model/comparison-model';
import { TrackingModel } from '../src/lab/model/tracking-model';
import { FakeServer, makeRun } from './fake-server';
import { golden } from './golden';

function comparing(status = 200, body: unknown = golden('comparison')) {
  const bodies: unknown[] = [];
  const api = new RunsApi(async request => {
    bodies.push(request.body);
    return { status, body };
  });
  return { bodies, model: new ComparisonModel(api, 'train.ipynb', ['a', 'b']) };
}

test('a comparison asks for its runs, then for the metric and baseline that are chosen', async () => {
  const { bodies, model } = comparing();

  await model.load();
  model.chooseMetric('acc');
  model.chooseBaseline('b');

  expect(bodies).toEqual([
    { runs: ['a', 'b'], metric: null, baseline: null },
    { runs: ['a', 'b'], metric: 'acc', baseline: null },
    { runs: ['a', 'b'], metric: 'acc', baseline: 'b' }
  ]);
});

test('a comparison shows the metric and the baseline that the server chose', async () => {
  const { model } = comparing();

  await model.load();

  const { comparison } = model.state;
  expect(model.state.metric).toBe(comparison?.metric);
  expect(model.state.baseline).toBe(
    comparison?.runs.find(run => run.baseline)?.id
  );
});

test('a comparison moves with its own runs only', () => {
  const { model } = comparing();

  expect(model.concerns({ project: 'p', revision: 2, runs: ['x', 'b'] })).toBe(
    true
  );
  expect(model.concerns({ project: 'p', revision: 2, runs: ['x'] })).toBe(
    false
  );
});

test('a comparison that failed keeps its problem until it succeeds', async () => {
  const { model } = comparing(400, golden('error'));

  await model.load();

  expect(model.state.problem?.kind).toBe('FilterError');
  expect(model.state.comparison).toBeNull();
});

test('an exported comparison tells its path', async () => {
  const { model } = comparing(200, { path: 'work/comparison.ipynb' });

  expect(await model.export()).toBe('work/comparison.ipynb');
});

test('the toolbar names the run of its own notebook', async () => {
  const server = new FakeServer();
  server.runs = [
    makeRun('other', 'sweep.ipynb'),
    makeRun('mine', 'train.ipynb')
  ];
  const tracking = new TrackingModel(server.api, () => 'work/train.ipynb');
  let changes = 0;
  tracking.changed.connect(() => (changes += 1));

  await tracking.load();
  await tracking.load();

  expect(tracking.run?.name).toBe('mine');
  expect(changes).toBe(1);
  expect(tracking.concerns({ project: 'p1', revision: 2, runs: ['x'] })).toBe(
    true
  );
  expect(tracking.concerns({ project: 'p9', revision: 2, runs: ['x'] })).toBe(
    false
  );
});

test('the toolbar says nothing where the server does not answer', async () => {
  const tracking = new TrackingModel(
    new RunsApi(async () => ({ status: 500, body: null })),
    () => 'train.ipynb'
  );

  await tracking.load();

  expect(tracking.run).toBeNull();
});
