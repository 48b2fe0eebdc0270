import { expect, test } from 'vitest';
import { link } from '@/testing/fixtures';
import { nearestStep, readThreshold, thresholdSteps } from './threshold';
import { compareWithTruth } from './truth';

test('a link is found by its pair; whether the lag agrees is told apart', () => {
  const links = [link('A', 'B', { lag_bars: 2, lags: [2] }), link('C', 'D', { lag_bars: 1, lags: [1, 3] }), link('B', 'A')];
  const truth = [
    { source: 'A', target: 'B', lag_bars: 5 },
    { source: 'C', target: 'D', lag_bars: 3 },
    { source: 'D', target: 'C', lag_bars: 1 },
  ];
  const { found, missed, spurious } = compareWithTruth(links, truth);
  expect(found.map((item) => item.lag)).toEqual(['other', 'among']);
  expect(missed).toEqual([{ source: 'D', target: 'C', lag_bars: 1 }]);
  expect(spurious).toEqual([links[2]]);
});

test('the threshold of the address is used only when it is one', () => {
  expect(readThreshold('0.2', 0.05)).toBe(0.2);
  for (const wrong of [null, '', 'x', '-1', '0', '2']) expect(readThreshold(wrong, 0.05)).toBe(0.05);
});

test('the level of the analysis is always a step of the slider', () => {
  const steps = thresholdSteps(0.03);
  expect(steps).toContain(0.03);
  expect(steps[nearestStep(steps, 0.03)]).toBe(0.03);
});
