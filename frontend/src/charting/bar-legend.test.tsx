import { render, screen } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { BarLegend } from './bar-legend';
import { longGaps, seconds } from './series';

const at = (iso: string) => ({ time: seconds(iso) });
const bars = [
  { ...at('2013-02-27T14:30:00Z'), open: 100, high: 102, low: 99, close: 100, volume: 1_000 },
  { ...at('2013-02-28T14:30:00Z'), open: 101, high: 104, low: 100.5, close: 98, volume: 2_500 },
];
const legend = (): string => document.querySelector('.bar-legend')?.textContent ?? '';

describe('the legend of a chart', () => {
  test('shows the last bar, its change, and the time of the axis', () => {
    render(<BarLegend candles={bars} at={null} daily={false} zone="America/New_York" spoken={false} />);
    expect(legend()).toBe('2013-02-28 09:30:00 ESTO 101.00H 104.00L 100.50C 98.00-2.00%V 2,500Axis: America/New_York');
    expect(screen.getByRole('status')).toBeEmptyDOMElement();
  });

  test('says a bar that the keys moved to in words; days are dates', () => {
    render(<BarLegend candles={bars} at={0} daily zone="UTC" spoken />);
    expect(screen.getByRole('status')).toHaveTextContent('2013-02-27: open 100.00, high 102.00, low 99.00, close 100.00, volume 1,000');
    expect(legend()).toMatch(/Axis: dates of sessions$/);
  });
});

describe('gaps that the axis leaves out', () => {
  test('are those that no holiday explains', () => {
    // Tokyo was shut from 27 April to 6 May 2019: the longest closing of a large exchange since 2001.
    expect(longGaps([at('2019-04-26T00:00:00Z'), at('2019-05-07T00:00:00Z')])).toEqual([]);
    expect(longGaps([at('2013-03-01T00:00:00Z'), at('2024-01-02T00:00:00Z'), at('2024-01-03T00:00:00Z')])).toEqual([{ after: 1_362_096_000, before: 1_704_153_600 }]);
    expect(longGaps([])).toEqual([]);
  });
});
