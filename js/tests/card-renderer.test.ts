// @vitest-environment jsdom
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunsApi } from '../src/lab/api/runs-api';
import { CARD_MIME } from '../src/lab/jupyter/card-bundle';
import { cardFactory } from '../src/lab/jupyter/card-renderer';
import type { IKeptCard, IRunEdit } from '../src/shared/wire';
import { golden } from './golden';

// Lumino's widgets ask for it, and jsdom has none.
vi.hoisted(() => vi.stubGlobal('DragEvent', class extends Event {}));

const BUNDLE = golden<Record<string, unknown>>('card');
const CARD = BUNDLE[CARD_MIME] as IKeptCard;
const TEXT = String(BUNDLE['text/plain']);

/** What a notebook holds of an output. */
class FakeOutput {
  data = BUNDLE;
  readonly trusted = false;
  readonly metadata = {};

  setData({ data }: { data?: Record<string, unknown> }): void {
    this.data = data ?? this.data;
    void renderer.renderModel(this as never);
  }

  get card(): IKeptCard {
    return this.data[CARD_MIME] as IKeptCard;
  }
}

let asked: { path: string; edit: IRunEdit }[];
let status: number;
let output: FakeOutput;
let renderer: Widget & { renderModel(model: never): Promise<void> };

beforeEach(async () => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      disconnect(): void {}
    }
  );
  asked = [];
  status = 200;
  const api = new RunsApi(async ({ query, body }) => {
    asked.push({ path: query.path!, edit: body as IRunEdit });
    const error = { kind: 'StoreReadOnlyError', message: 'read only' };
    return { status, body: { error } };
  });
  const factory = cardFactory(api, () => 'first/train.ipynb');
  renderer = factory.createRenderer({} as never) as never;
  output = new FakeOutput();
  Widget.attach(renderer, document.body);
  await renderer.renderModel(output as never);
});

afterEach(() => {
  renderer.dispose();
  vi.unstubAllGlobals();
});

function press(label: string): Promise<void> {
  renderer.node
    .querySelector<HTMLButtonElement>(`button[aria-label="${label}"]`)!
    .click();
  return new Promise(resolve => setTimeout(resolve));
}

test('a card of an untrusted notebook is drawn too', () => {
  const factory = cardFactory(new RunsApi(vi.fn()), () => '');

  expect(factory.safe).toBe(true);
  expect(factory.mimeTypes).toEqual([CARD_MIME]);
});

test('a kept card shows how long its run had gone on when it was painted', async () => {
  output.data = {
    [CARD_MIME]: { ...CARD, status: 'running', ended: null }
  };
  await renderer.renderModel(output as never);

  expect(renderer.node.querySelector('.nbt-when')?.textContent).toBe(
    'running 0:42 · cell [2]'
  );
});

test('a correction goes to the project of the notebook that holds the card', async () => {
  await press('leave out lr from here on');

  expect(asked).toEqual([
    { path: 'first/train.ipynb', edit: { ignore: ['lr'] } }
  ]);
});

test('what a correction changes is kept in the notebook, in each form of the card', async () => {
  await press('leave out lr from here on');
  await press('take gap as a metric');

  expect(output.card.params).toEqual([]);
  expect(output.card.metrics.map(({ name }) => name)).toEqual(['acc', 'gap']);
  const html = document.createElement('div');
  html.innerHTML = String(output.data['text/html']);
  expect(html.querySelectorAll('[data-name]')).toHaveLength(2);
  expect(html.textContent).toContain('acc 0.9 gap 0.3333');
  expect(html.textContent).not.toContain('maybe');
  expect(
    html.querySelector('[data-kind=metric][data-name=gap]')
  ).not.toBeNull();
  expect(output.data['text/plain']).toBe(
    'nbtrail: swift-otter · finished 0:42 · cell [2] · acc=0.9 · gap=0.3333'
  );
});

test('undo leaves the notebook as it was', async () => {
  await press('leave out lr from here on');
  await press('undo: take lr again');

  expect(output.data).toMatchObject({
    [CARD_MIME]: CARD,
    'text/html': expect.stringContaining('data-name="lr"'),
    'text/plain': TEXT
  });
});

test('a correction that is refused changes nothing in the notebook', async () => {
  status = 423;
  await press('leave out lr from here on');

  expect(output.card).toEqual(CARD);
  expect(renderer.node.textContent).toContain('Nothing was changed: read only');
});

test('what the kernel paints anew counts', async () => {
  await press('leave out lr from here on');
  output.data = { [CARD_MIME]: { ...CARD, painted: 150 } };
  await renderer.renderModel(output as never);

  expect(renderer.node.querySelector('[data-name=lr]')).not.toBeNull();
});

test('a card of another version is shown as text', async () => {
  output.data = { [CARD_MIME]: { name: 'x' }, 'text/plain': TEXT };
  await renderer.renderModel(output as never);

  expect(renderer.node.textContent).toBe(TEXT);
});
