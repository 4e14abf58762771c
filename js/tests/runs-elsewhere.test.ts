import { beforeEach, expect, test, vi } from 'vitest';
import { RunsModel } from '../src/lab/model/runs-model';
import { FakeServer, makeRun } from './fake-server';

let server: FakeServer;
let model: RunsModel;

/** Every answer has come and was dealt with. */
async function settled(): Promise<void> {
  await vi.waitFor(() => expect(model.state.loading).toBe(false));
}

beforeEach(async () => {
  server = new FakeServer();
  server.runs = [makeRun('a')];
  model = new RunsModel(server.api);
  model.setPath('home/train.ipynb');
  model.setActive(true);
  await settled();
});

test('a project that cannot be read shows nothing of the one before it', async () => {
  model.toggleRun({ id: 'id-a', name: 'a' });

  model.setPath('broken/other.ipynb');
  await settled();

  expect(model.state).toMatchObject({ summary: null, selected: [] });
  expect(model.state.problem?.message).toBe('no database');
  expect(model.state.sections).toEqual([]);
});

test('a filter that another project does not understand is dropped', async () => {
  model.choose({ filter: 'oops > 1' });
  await settled();
  server.projectId = 'p2';

  model.setPath('elsewhere/other.ipynb');
  await settled();

  expect(model.state.choices.filter).toBe('');
  expect(model.state.filterProblem).toBeNull();
  expect(model.state.summary?.project.id).toBe('p2');
});

test('a problem that passes leaves the runs and the selection', async () => {
  model.toggleRun({ id: 'id-a', name: 'a' });
  server.isDown = true;
  await model.load();
  server.isDown = false;

  await model.load();

  expect(model.state.problem).toBeNull();
  expect(model.state.selected).toHaveLength(1);
});
