import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { IChoices, IChoicesStore } from '../src/lab/model/choices';
import { ROW_HEIGHT } from '../src/lab/model/layout';
import { RunsModel } from '../src/lab/model/runs-model';
import { FakeServer, makeRun } from './fake-server';

let server: FakeServer;
let model: RunsModel;

beforeEach(() => {
  server = new FakeServer();
  server.runs = [
    makeRun('a', 'work/train.ipynb'),
    makeRun('b', 'work/train.ipynb'),
    makeRun('c', 'sweep.ipynb')
  ];
  model = new RunsModel(server.api);
  model.setPath('home/work/train.ipynb');
});

async function loaded(): Promise<void> {
  model.setActive(true);
  await settled();
}

/** Every answer has come and was dealt with. */
async function settled(): Promise<void> {
  await vi.waitFor(() => expect(model.state.loading).toBe(false));
}

function shownNames(): string[][] {
  return model.state.sections.map(section =>
    Array.from(
      { length: section.matched },
      (_, offset) => section.rowAt(offset)?.name ?? '…'
    )
  );
}

describe('looking', () => {
  test('nothing is asked for while nobody looks', async () => {
    model.refresh();
    model.choose({ sort: 'name' });
    await settled();

    expect(server.asked).toEqual([]);
  });

  test('what was asked for meanwhile comes when somebody looks again', async () => {
    await loaded();
    model.setActive(false);
    server.runs.push(makeRun('d', 'sweep.ipynb'));
    model.refresh();

    await loaded();

    expect(shownNames()).toEqual([
      ['a', 'b'],
      ['c', 'd']
    ]);
  });

  test('the runs of the active notebook come first, in groups that say how many they are', async () => {
    server.runs.reverse();

    await loaded();

    const counts = model.state.sections.map(({ label, total }) => [
      label,
      total
    ]);
    expect(counts).toEqual([
      ['work/train.ipynb', 2],
      ['sweep.ipynb', 1]
    ]);
    expect(shownNames()).toEqual([['b', 'a'], ['c']]);
  });

  test('without groups there is one section without a header', async () => {
    model.choose({ groupBy: null });

    await loaded();

    expect(model.state.sections.map(({ label }) => label)).toEqual([null]);
    expect(shownNames()).toEqual([['a', 'b', 'c']]);
    expect(server.count('groups')).toBe(0);
  });
});

describe('pages', () => {
  beforeEach(() => {
    server.runs = Array.from({ length: 1000 }, (_, index) =>
      makeRun(`run-${index}`)
    );
    model.choose({ groupBy: null });
  });

  test('only what the window shows is fetched, and only once', async () => {
    await loaded();
    const top = 550 * ROW_HEIGHT;

    model.showWindow(top, top + 10 * ROW_HEIGHT);
    model.showWindow(top, top + 12 * ROW_HEIGHT);
    await settled();

    const offsets = server.asked.map(({ query }) => query.offset);
    expect(offsets).toEqual(['0', '500']);
    expect(model.state.sections[0]?.rowAt(555)?.name).toBe('run-555');
    expect(model.state.sections[0]?.rowAt(300)).toBeUndefined();
  });

  test('a refresh fetches what the window shows, and the old rows stay until the new ones come', async () => {
    await loaded();
    const top = 550 * ROW_HEIGHT;
    model.showWindow(top, top + 10 * ROW_HEIGHT);
    await settled();
    server.runs[555] = { ...server.runs[555]!, name: 'renamed' };
    const release = server.hold();

    const refreshed = model.load();
    expect(model.state.sections[0]?.rowAt(555)?.name).toBe('run-555');
    release();
    await refreshed;

    expect(model.state.sections[0]?.rowAt(555)?.name).toBe('renamed');
    expect(server.asked.slice(-2).map(({ query }) => query.offset)).toEqual([
      '0',
      '500'
    ]);
  });
});

describe('choosing', () => {
  test('a filter is passed on with each group', async () => {
    await loaded();

    model.choose({ filter: 'name == "b"' });
    await settled();

    expect(shownNames()).toEqual([['b']]);
    expect(model.state.sections[0]?.total).toBe(2);
    expect(server.asked.at(-1)?.query.filter).toBe(
      '(name == "b") and notebook == "work/train.ipynb"'
    );
  });

  test('a mistake in the filter is told and the runs stay', async () => {
    await loaded();

    model.choose({ filter: 'oops > 1' });
    await settled();

    expect(model.state.filterProblem?.column).toBe(8);
    expect(model.state.problem).toBeNull();
    expect(shownNames()).toEqual([['a', 'b'], ['c']]);
  });

  test('scrolling on under a mistaken filter asks with the last good one', async () => {
    server.runs = Array.from({ length: 300 }, (_, index) =>
      makeRun(`run-${index}`)
    );
    model.choose({ groupBy: null });
    await loaded();
    model.choose({ filter: 'oops' });
    await settled();

    model.showWindow(250 * ROW_HEIGHT, 260 * ROW_HEIGHT);
    await settled();

    expect(model.state.sections[0]?.rowAt(255)?.name).toBe('run-255');
  });

  test('a mended filter takes the complaint away', async () => {
    await loaded();
    model.choose({ filter: 'oops' });
    await settled();

    model.choose({ filter: '' });
    await settled();

    expect(model.state.filterProblem).toBeNull();
  });

  test('an answer to an earlier question is dropped', async () => {
    await loaded();
    const release = server.hold();
    model.choose({ filter: 'name == "a"' });
    model.choose({ filter: 'name == "c"' });
    release();
    await settled();

    expect(shownNames()).toEqual([['c']]);
  });

  test('choices are kept for each project, without the filter, and come back', async () => {
    const kept = new Map<string, Partial<IChoices>>();
    const store: IChoicesStore = {
      load: async id => kept.get(id) ?? {},
      save: async (id, choices) => void kept.set(id, choices)
    };
    model = new RunsModel(server.api, store);
    await loaded();
    model.choose({ sort: 'name', filter: 'name == "a"' });
    await settled();

    model = new RunsModel(server.api, store);
    await loaded();

    expect(model.state.choices).toMatchObject({ sort: 'name', filter: '' });
    expect(server.asked.at(-1)?.query.sort).toBe('name');
  });
});

describe('selecting', () => {
  test('runs are selected in the order of the clicks, and a second click takes one out', async () => {
    await loaded();

    ['c', 'a', 'b', 'a'].forEach(name => model.toggleRun(makeRun(name)));

    expect(model.state.selected.map(({ name }) => name)).toEqual(['c', 'b']);
  });

  test('a selected run that is renamed elsewhere has its new name', async () => {
    await loaded();
    model.toggleRun({ id: 'id-a', name: 'a' });
    server.runs[0]!.name = 'better';

    await model.load();

    expect(model.state.selected).toEqual([{ id: 'id-a', name: 'better' }]);
  });

  test('another project begins without a selection', async () => {
    await loaded();
    model.toggleRun({ id: 'id-a', name: 'a' });
    server.projectId = 'p2';

    model.setPath('elsewhere/other.ipynb');
    await settled();

    expect(model.state.selected).toEqual([]);
  });

  test('the selection stays when another notebook of the project is opened', async () => {
    await loaded();
    model.toggleRun({ id: 'id-a', name: 'a' });

    model.setPath('home/sweep.ipynb');
    await settled();

    expect(model.state.selected).toHaveLength(1);
    expect(model.state.sections[0]?.label).toBe('sweep.ipynb');
  });
});

describe('editing', () => {
  test('an edit shows at once', async () => {
    await loaded();

    await model.edit('id-a', { note: 'good' });

    expect(model.find('id-a')?.note).toBe('good');
  });

  test('a run in the trash is no longer selected', async () => {
    await loaded();
    model.toggleRun({ id: 'id-a', name: 'a' });

    await model.edit('id-a', { trashed: true });

    expect(model.state.selected).toEqual([]);
  });

  test('a refused edit throws what the server says', async () => {
    await loaded();

    await expect(model.edit('id-gone', { name: 'x' })).rejects.toMatchObject({
      status: 500
    });
  });
});

test('a server without nbtrail is told with what to do', async () => {
  const { RunsApi } = await import('../src/lab/api/runs-api');
  model = new RunsModel(new RunsApi(async () => ({ status: 404, body: null })));

  await loaded();

  expect(model.state.problem?.message).toContain(
    'jupyter server extension enable'
  );
});
