import { describe, expect, test } from 'vitest';
import { local } from '@/testing/detail-fixtures';
import { localSeries } from './local-series';

describe('local values', () => {
  test('are averaged over the last twentieth of the bars', () => {
    const series = localSeries({ ...local('A', 'B', 400), te_nats: Array.from({ length: 400 }, (_, index) => (index < 200 ? 0 : 1)) });
    expect(series.window).toBe(20);
    expect(series.mean).toHaveLength(381);
    expect(series.mean[0]?.time).toBe(series.bars[19]?.time);
    expect(series.mean[190]?.value).toBeCloseTo(0.5); // bars 190 to 209: half of them after the change
    expect(series.mean.at(-1)?.value).toBeCloseTo(1);
  });

  test('of which only extremes came are not averaged: the mean would be wrong', () => {
    expect(localSeries({ ...local('A', 'B', 400), thinned: true }).mean).toEqual([]);
  });
});
