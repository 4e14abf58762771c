import { describe, expect, test } from 'vitest';
import { rangeOf, tickTexts, ticksOf, tracePath } from '../src/shared/curves';
import {
  formatBytes,
  formatCount,
  formatDelta,
  formatJson,
  formatNumber
} from '../src/shared/numbers';
import { formatAgo, formatDuration, formatTook } from '../src/shared/times';

describe('numbers', () => {
  test.each([
    [0.934, '0.934'],
    [0.30149, '0.3015'],
    [6, '6'],
    [1200000, '1200000'],
    [123456.7, '123457'],
    [3.1e-7, '3.1e-7'],
    [1e-7, '1e-7'],
    [2.5e9, '2.5e9'],
    [-0.5, '-0.5'],
    ['NaN', 'NaN'],
    ['Infinity', '∞'],
    ['-Infinity', '-∞']
  ] as const)('%s is written %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  test('a difference points up or down and drops its leading zero', () => {
    expect(formatDelta(0.0124)).toEqual({ arrow: '▲', text: '.012' });
    expect(formatDelta(-0.021)).toEqual({ arrow: '▼', text: '.021' });
    expect(formatDelta(0)).toEqual({ arrow: '=', text: '0' });
    expect(formatDelta(12.3)).toEqual({ arrow: '▲', text: '12' });
  });

  test('a JSON value is one line', () => {
    expect(formatJson('adam')).toBe('adam');
    expect(formatJson([64, 64])).toBe('[64,64]');
    expect(formatJson(true)).toBe('true');
  });

  test('large counts are easy to read', () => {
    expect(formatCount(42)).toBe('42');
    expect(formatCount(30005)).toBe('30,005');
  });

  test('bytes have a unit', () => {
    expect(formatBytes(512)).toBe('512 B');
    expect(formatBytes(10240)).toBe('10.2 kB');
    expect(formatBytes(3_400_000)).toBe('3.4 MB');
  });
});

describe('times', () => {
  test.each([
    [42, '0:42'],
    [67.9, '1:07'],
    [6100, '1:41:40'],
    [-3, '0:00']
  ])('%s seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test.each([
    [0.0042, '0.004 s'],
    [0.76, '0.76 s'],
    [9.999, '0:10'],
    [67.4, '1:07']
  ])('what took %s seconds took %s', (seconds, text) => {
    expect(formatTook(seconds)).toBe(text);
  });

  test('what ended is told in minutes, hours, weekdays, then dates', () => {
    const now = Date.UTC(2026, 9, 15, 12) / 1000;

    expect(formatAgo(now - 20, now)).toBe('now');
    expect(formatAgo(now - 730, now)).toBe('12 min');
    expect(formatAgo(now - 3800, now)).toBe('1 h');
    expect(formatAgo(now - 2 * 86400, now)).toBe('Tue');
    expect(formatAgo(now - 12 * 86400, now)).toBe('3 Oct');
    expect(formatAgo(now - 400 * 86400, now)).toBe(
      '10 Sept 2025'.replace('Sept', 'Sep')
    );
  });
});

describe('curves', () => {
  const box = { left: 0, top: 0, width: 100, height: 10 };

  test('a gap interrupts the line', () => {
    const range = { low: 0, high: 1 };

    const path = tracePath(
      [0, 1, 2],
      [0, null, 1],
      { low: 0, high: 2 },
      range,
      box
    );

    expect(path).toBe('M0.0 10.0h0.1M100.0 0.0h0.1');
  });

  test('values that are all the same get room above and below', () => {
    expect(rangeOf([2, 2])).toEqual({ low: 1.8, high: 2.2 });
    expect(rangeOf([null])).toBeNull();
  });

  test('ticks are round numbers within the range', () => {
    expect(ticksOf({ low: 0, high: 200 }, 8)).toEqual([
      0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200
    ]);
    expect(ticksOf({ low: 0.28, high: 1.21 }, 4)).toEqual([
      0.4, 0.6, 0.8, 1, 1.2
    ]);
  });

  test('texts of ticks have the same number of decimals', () => {
    expect(tickTexts([0.5, 1, 1.5])).toEqual(['0.5', '1.0', '1.5']);
    expect(tickTexts([0, 20])).toEqual(['0', '20']);
    expect(tickTexts([1e9, 2e9])).toEqual(['1e9', '2e9']);
  });
});
