// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ILiveCardState } from '../src/shared/wire';
import card from '../src/widgets/live_card';

const STATE: ILiveCardState = {
  run_id: '01J',
  name: 'swift-otter',
  status: 'running',
  error: null,
  started: Date.now() / 1000 - 42,
  ended: null,
  cell: 12,
  step: 124,
  total: 200,
  params: [
    {
      name: 'lr',
      value: '0.09',
      origin: 'inferred',
      reason: 'literal in cell 11'
    }
  ],
  metrics: [{ name: 'val_loss', value: '0.301', origin: 'logged', reason: '' }],
  proposed: [],
  curves: [{ metric: 'val_loss', steps: [0, 1, 2], values: [1.2, null, 0.8] }],
  tags: [],
  note: '',
  message: null,
  kernel_id: 'k-1'
};

class FakeModel {
  readonly sent: unknown[] = [];
  private _listeners = new Set<() => void>();

  constructor(private _state: ILiveCardState) {}

  get(): ILiveCardState {
    return this._state;
  }

  set(changes: Partial<ILiveCardState>): void {
    this._state = { ...this._state, ...changes };
    this._listeners.forEach(listener => listener());
  }

  on(_: string, listener: () => void): void {
    this._listeners.add(listener);
  }

  off(_: string, listener: () => void): void {
    this._listeners.delete(listener);
  }

  send(content: unknown): void {
    this.sent.push(content);
  }
}

let el: HTMLElement;
let model: FakeModel;

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      disconnect(): void {}
    }
  );
  document.body.innerHTML = '';
  el = document.body.appendChild(document.createElement('div'));
});

afterEach(() => vi.unstubAllGlobals());

function show(changes: Partial<ILiveCardState> = {}): () => void {
  model = new FakeModel({ ...STATE, ...changes });
  return card.render({ model, el });
}

function press(label: string): void {
  const buttons = [...el.querySelectorAll('button')];
  buttons.find(({ textContent }) => textContent === label)!.click();
}

function write(text: string): void {
  el.querySelector('input')!.value = text;
  el.querySelector('form')!.requestSubmit();
}

test('the card says who runs, since when and how far', () => {
  show();

  expect(el.querySelector('.nbt-name')?.textContent).toBe('swift-otter');
  expect(el.querySelector('.nbt-when')?.textContent).toMatch(
    /^running 0:4\d · cell \[12\] · step 124 of 200$/
  );
  expect(
    el.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')
  ).toBe('124');
});

test('chips show params and metrics, and tell how they came on hover', () => {
  show();

  const [param, metric] = [...el.querySelectorAll<HTMLElement>('.nbt-chip')];
  expect(param?.textContent).toBe('lr 0.09');
  expect(param?.title).toBe('param lr, inferred: literal in cell 11');
  expect(param?.dataset.origin).toBe('inferred');
  expect(metric?.dataset).toMatchObject({ kind: 'metric', origin: 'logged' });
});

test('a curve grows with each state, over the steps that are still to come', () => {
  show();
  const before = el.querySelector('.nbt-curve')?.getAttribute('d');

  model.set({
    curves: [
      { metric: 'val_loss', steps: [0, 1, 2, 3], values: [1.2, null, 0.8, 0.7] }
    ]
  });

  const after = el.querySelector('.nbt-curve')?.getAttribute('d');
  expect(after?.startsWith(before?.split('M')[0] ?? '')).toBe(true);
  expect(after).not.toBe(before);
  const labels = [...el.querySelectorAll('.nbt-chart text')].map(
    text => text.textContent
  );
  expect(labels).toContain('200');
});

test('a curve without a finite point is not drawn', () => {
  show({ curves: [{ metric: 'loss', steps: [0, 1], values: [null, null] }] });

  expect(el.querySelector('.nbt-chart')).toBeNull();
});

test('a run that has ended shows how long it took and cannot be stopped', () => {
  show();

  model.set({
    status: 'failed',
    ended: STATE.started + 67,
    error: 'ValueError in [14]',
    cell: null
  });

  expect(el.querySelector('.nbt-when')?.textContent).toMatch(/^failed 1:07/);
  expect(el.querySelector('[data-kind=error]')?.textContent).toBe(
    'ValueError in [14]'
  );
  const stop = [...el.querySelectorAll('button')].find(
    ({ textContent }) => textContent === 'stop'
  );
  expect(stop?.hidden).toBe(true);
});

test('a tag given while a cell runs is sent, and said to be saved later', () => {
  show();

  press('tag');
  write('best');

  expect(model.sent).toEqual([{ action: 'tag', text: 'best' }]);
  expect(el.querySelector('[role=status]')?.textContent).toBe(
    'The tag is saved when the cell ends.'
  );
  model.set({ tags: ['best'] });
  expect(el.querySelector('[role=status]')?.textContent).toBe('');
});

test('what is being typed stays while new states come', () => {
  show();
  press('note');
  el.querySelector('input')!.value = 'half a no';

  model.set({ step: 125 });

  expect(el.querySelector('input')?.value).toBe('half a no');
  expect(el.querySelector('input')?.hidden).toBe(false);
});

test('stop interrupts the kernel through the page’s own server', async () => {
  const asked = vi.fn(async () => ({ ok: true }));
  vi.stubGlobal('fetch', asked);
  document.cookie = '_xsrf=abc';
  const page = document.createElement('script');
  page.id = 'jupyter-config-data';
  page.type = 'application/json';
  page.textContent = '{"baseUrl": "/lab-1/"}';
  document.body.append(page);
  show();

  press('stop');

  await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
  expect(asked).toHaveBeenCalledWith(
    '/lab-1/api/kernels/k-1/interrupt',
    expect.objectContaining({
      method: 'POST',
      headers: { 'X-XSRFToken': 'abc' }
    })
  );
});

test('stop outside Jupyter asks the kernel, and says when that is heard', async () => {
  show();

  press('stop');

  expect(model.sent).toEqual([{ action: 'stop' }]);
  await vi.waitFor(() =>
    expect(el.querySelector('[role=status]')?.textContent).toBe(
      'The run stops when the cell ends.'
    )
  );
});

test('a card that is taken away no longer listens', () => {
  const takeAway = show();

  takeAway();
  model.set({ name: 'other' });

  expect(el.querySelector('.nbt-name')?.textContent).toBe('swift-otter');
});

const button = (label: string): HTMLButtonElement =>
  el.querySelector(`button[aria-label="${label}"]`)!;

/** A page of a Jupyter server that knows one notebook; its answer to a correction is this one. */
function serve(status: number, body: unknown): ReturnType<typeof vi.fn> {
  const page = document.createElement('script');
  page.id = 'jupyter-config-data';
  page.type = 'application/json';
  page.textContent = '{"baseUrl": "/lab-1/"}';
  document.body.append(page);
  const sessions = [{ path: 'first/train.ipynb', kernel: { id: 'k-1' } }];
  const asked = vi.fn(async (url: string) => {
    const isSessions = url === '/lab-1/api/sessions';
    return {
      ok: isSessions || status === 200,
      json: async () => (isSessions ? sessions : body)
    };
  });
  vi.stubGlobal('fetch', asked);
  return asked;
}

test('a click on × goes to the server at once and shows at once, while the cell runs', async () => {
  const asked = serve(200, {});
  show();

  button('leave out lr from here on').click();

  expect(el.querySelector('[data-kind=param]')).toBeNull();
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2));
  expect(asked).toHaveBeenLastCalledWith(
    '/lab-1/nbtrail/api/runs/01J?path=first%2Ftrain.ipynb',
    expect.objectContaining({ method: 'PATCH', body: '{"ignore":["lr"]}' })
  );
  model.set({ step: 125 });
  expect(el.querySelector('[data-kind=param]')).toBeNull();
  expect(model.sent).toEqual([]);
});

test('a click on × without a server is a message, and the card says when it is heard', async () => {
  show();

  button('leave out lr from here on').click();

  await vi.waitFor(() =>
    expect(model.sent).toEqual([{ action: 'ignore', text: 'lr' }])
  );
  await vi.waitFor(() =>
    expect(el.textContent).toContain('lr is left out when the cell ends.')
  );
  expect(button('undo: take lr again')).toBeNull();
});

test('the button of a chip outlives a redraw, so that a slow click is not lost', () => {
  show();
  const before = button('leave out lr from here on');

  model.set({ params: [{ ...STATE.params[0]!, value: '0.08' }] });

  expect(button('leave out lr from here on')).toBe(before);
  expect(before.parentElement?.textContent).toBe('lr 0.08');
});
