// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { Chips } from '../src/shared/card/chips';
import { Corrector } from '../src/shared/card/corrector';
import type { ILiveCardState, IRunEdit } from '../src/shared/wire';

const entry = (name: string, origin: 'inferred' | 'logged' = 'inferred') => ({
  name,
  value: '1',
  origin,
  reason: 'why'
});

const STATE = {
  params: [entry('lr'), entry('depth'), entry('seed', 'logged')],
  metrics: [entry('acc')],
  proposed: [{ name: 'gap', value: '0.33', number: 1 / 3, reason: 'shown' }],
  curves: [{ metric: 'acc', steps: [0, 1], values: [1, 2] }]
} as unknown as ILiveCardState;

/** Chips whose corrections end as `answer` says. */
function open(answer: (edit: IRunEdit) => Promise<'done' | 'later'>) {
  const sent: IRunEdit[] = [];
  const corrector: Corrector = new Corrector(
    edit => {
      sent.push(edit);
      return answer(edit);
    },
    () => chips.update(corrector.apply(STATE))
  );
  const chips = new Chips(corrector);
  chips.update(corrector.apply(STATE));
  document.body.replaceChildren(chips.node);
  const find = (label: string) =>
    chips.node.querySelector<HTMLButtonElement>(
      `button[aria-label="${label}"]`
    );
  const shown = (kind: string) =>
    [...chips.node.querySelectorAll<HTMLElement>(`[data-kind=${kind}]`)].map(
      ({ dataset }) => dataset.name
    );
  return { sent, corrector, chips, find, shown };
}

const done = async (): Promise<'done'> => 'done';
const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve));

test('what was inferred can be left out, what was logged cannot', () => {
  const { find } = open(done);

  expect(find('leave out lr from here on')?.hidden).toBe(false);
  expect(find('leave out seed from here on')?.hidden).toBe(true);
});

test('a name that is left out goes at once and comes back to its place with undo', async () => {
  const { find, shown, sent } = open(done);

  find('leave out lr from here on')?.click();
  expect(shown('param')).toEqual(['depth', 'seed']);
  await settle();
  find('undo: take lr again')?.click();
  await settle();

  expect(shown('param')).toEqual(['lr', 'depth', 'seed']);
  expect(sent).toEqual([{ ignore: ['lr'] }, { restore: ['lr'] }]);
  expect(find('undo: take lr again')).toBeNull();
});

test('a metric that is left out takes its curve with it', async () => {
  const { corrector, find } = open(done);

  find('leave out acc from here on')?.click();

  expect(corrector.apply(STATE).curves).toEqual([]);
});

test('a proposed number is taken as it is, not as it is shown, and is a metric at once', () => {
  const { find, shown, sent } = open(done);

  find('take gap as a metric')?.click();

  expect(shown('metric')).toEqual(['acc', 'gap']);
  expect(shown('proposed')).toEqual([]);
  return settle().then(() => expect(sent).toEqual([{ take: { gap: 1 / 3 } }]));
});

test('a number that is not to be proposed goes away', async () => {
  const { find, shown, sent } = open(done);

  find('don’t propose gap')?.click();
  await settle();

  expect(shown('proposed')).toEqual([]);
  expect(sent).toEqual([{ ignore: ['gap'] }]);
});

test('what was taken can be left out again', async () => {
  const { find, shown } = open(done);
  find('take gap as a metric')?.click();

  find('leave out gap from here on')?.click();
  await settle();

  expect([shown('metric'), shown('proposed')]).toEqual([['acc'], []]);
});

test('a correction that fails is taken back, and the card says why in one line', async () => {
  const { find, shown, chips } = open(() =>
    Promise.reject(new Error('the folder cannot be written'))
  );

  find('leave out lr from here on')?.click();
  find('take gap as a metric')?.click();
  await settle();

  expect(shown('param')).toEqual(['lr', 'depth', 'seed']);
  expect(shown('proposed')).toEqual(['gap']);
  expect(chips.node.querySelector('[role=status]')?.textContent).toBe(
    'Nothing was changed: the folder cannot be written'
  );
});

test('an undo waits for what it undoes', async () => {
  let let_go = (): void => undefined;
  const first = new Promise<'done'>(resolve => {
    let_go = () => resolve('done');
  });
  const { find, sent } = open(edit => (edit.ignore ? first : done()));

  find('leave out lr from here on')?.click();
  find('undo: take lr again')?.click();
  await settle();
  expect(sent).toEqual([{ ignore: ['lr'] }]);
  let_go();
  await settle();

  expect(sent).toEqual([{ ignore: ['lr'] }, { restore: ['lr'] }]);
});

test('with the keyboard the focus goes on to undo and back to the chip', async () => {
  const { find } = open(done);
  const leave = find('leave out lr from here on')!;
  leave.focus();

  leave.click(); // a click that no pointer made counts none, as one by Enter
  expect(document.activeElement).toBe(find('undo: take lr again'));
  find('undo: take lr again')?.click();

  expect(document.activeElement).toBe(find('leave out lr from here on'));
});

test('keys that press no button go on to the notebook, once', () => {
  const { chips, find } = open(done);
  const keys: string[] = [];
  const listen = (event: KeyboardEvent): void => void keys.push(event.key);
  document.body.addEventListener('keydown', listen);
  const press = (key: string, more = {}): void => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, ...more });
    find('take gap as a metric')?.dispatchEvent(event);
  };

  press('s', { ctrlKey: true });
  press('Enter', { shiftKey: true });
  document.body.removeEventListener('keydown', listen);

  expect(keys).toEqual(['s', 'Enter']);
  expect(chips.node.hasAttribute('data-lm-suppress-shortcuts')).toBe(true);
});
