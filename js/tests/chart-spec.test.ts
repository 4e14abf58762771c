import { expect, test } from 'vitest';
import {
  fitSpec,
  highlightRuns,
  themeSpec,
  type Spec,
  withoutLegends
} from '../src/lab/model/chart-spec';

const STYLE = {
  text: 'white',
  mutedText: 'grey',
  line: '#333',
  font: 'sans-serif'
};
const PAIR: Spec = { hconcat: [{ width: 400 }, { mark: 'point' }] };

test('a chart takes its colours from the page, and keeps what it says itself', () => {
  const spec = themeSpec({ config: { axis: { labelColor: 'red' } } }, STYLE);

  expect(spec.background).toBe('transparent');
  expect(spec.config).toMatchObject({
    axis: { labelColor: 'red', titleColor: 'white', gridColor: '#333' }
  });
});

test('in a wide place the curves take the room that is left', () => {
  expect(fitSpec(PAIR, 1010)).toEqual({
    hconcat: [{ width: 600 }, { mark: 'point' }]
  });
});

test('in a narrow place the parts stand under each other', () => {
  expect(fitSpec(PAIR, 475)).toEqual({
    vconcat: [{ width: 400 }, { mark: 'point' }]
  });
});

test('legends are taken out wherever they stand, and data is left alone', () => {
  const color = { field: 'run', legend: { orient: 'top' } };
  const spec: Spec = {
    data: { values: [{ field: 1, legend: 2 }] },
    hconcat: [{ layer: [{ encoding: { color } }] }]
  };

  expect(withoutLegends(spec)).toEqual({
    data: { values: [{ field: 1, legend: 2 }] },
    hconcat: [
      { layer: [{ encoding: { color: { field: 'run', legend: null } } }] }
    ]
  });
});

test('another chart is left as it is', () => {
  expect(fitSpec({ mark: 'line' }, 300)).toEqual({ mark: 'line' });
});

test('highlighted runs are chosen in the chart as by a click in its legend', () => {
  const spec: Spec = {
    params: [{ name: 'p', bind: 'legend' }, { name: 'zoom' }]
  };

  expect(highlightRuns(spec, ['a']).params).toEqual([
    { name: 'p', bind: 'legend', value: [{ run: 'a' }] },
    { name: 'zoom' }
  ]);
  expect(highlightRuns(spec, [])).toBe(spec);
});
