import { expect, test } from 'vitest';
import { HEADER_HEIGHT, Layout, ROW_HEIGHT } from '../src/lab/model/layout';
import { Section } from '../src/lab/model/section';

function section(label: string | null, matched: number): Section {
  const made = new Section(label ?? '', label, '');
  made.matched = matched;
  return made;
}

test('a list of tens of thousands of runs holds only what the window shows', () => {
  const layout = new Layout([section(null, 50_000)]);

  const items = layout.between(1_000_000, 1_000_000 + 10 * ROW_HEIGHT);

  expect(layout.height).toBe(50_000 * ROW_HEIGHT);
  expect(items.length).toBeLessThanOrEqual(12);
  expect(items[0]?.top).toBeLessThanOrEqual(1_000_000);
});

test('headers stand before their rows, and each item knows its place', () => {
  const layout = new Layout([section('a', 2), section('b', 1)]);

  const items = layout.between(0, 1000);

  expect(items.map(({ kind, index, top }) => [kind, index, top])).toEqual([
    ['header', 0, 0],
    ['row', 1, HEADER_HEIGHT],
    ['row', 2, HEADER_HEIGHT + ROW_HEIGHT],
    ['header', 3, HEADER_HEIGHT + 2 * ROW_HEIGHT],
    ['row', 4, 2 * HEADER_HEIGHT + 2 * ROW_HEIGHT]
  ]);
  expect(items.map(({ index }) => layout.at(index)?.top)).toEqual(
    items.map(({ top }) => top)
  );
  expect(layout.at(5)).toBeUndefined();
});

test('a collapsed section is its header alone', () => {
  const folded = section('a', 1000);
  folded.collapsed = true;
  const layout = new Layout([folded, section('b', 1)]);

  expect(layout.count).toBe(3);
  expect(layout.height).toBe(2 * HEADER_HEIGHT + ROW_HEIGHT);
});
