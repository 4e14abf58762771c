import { expect, test } from 'vitest';
import {
  comparisonSource,
  quoteName,
  tagChanges
} from '../src/lab/model/insertion';

test('the cell compares the runs by name, in order', () => {
  expect(comparisonSource(['swift-otter', 'calm-heron'], true)).toBe(
    '%track compare swift-otter calm-heron'
  );
});

test('a kernel without nbtrail loads it first', () => {
  expect(comparisonSource(['a'], false)).toBe(
    '%load_ext nbtrail\n%track compare a'
  );
});

test('a name that is no single word is quoted', () => {
  expect(quoteName('depth six')).toBe('"depth six"');
  expect(quoteName('say "hi"')).toBe('"say \\"hi\\""');
  expect(quoteName('sweep/3.1')).toBe('sweep/3.1');
});

test('an edited line of tags says what to add and what to remove', () => {
  expect(tagChanges(['best', 'old'], 'best, new one,, ')).toEqual({
    add_tags: ['new one'],
    remove_tags: ['old']
  });
});
