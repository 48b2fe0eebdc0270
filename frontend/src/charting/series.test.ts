import { expect, test } from 'vitest';
import { lastRange, wholeRange } from './series';

test.each([
  [250, 660],
  [2, 300],
  [5_000, 320],
])('the first and the last of %i bars stand 36 pixels from the edges of a plot of %i', (bars, width) => {
  const { from, to } = wholeRange(bars, width);
  // A logical range of n bars gives each width / n pixels (lightweight-charts, "Time scale": logical range).
  const spacing = width / (to - from + 1);
  expect(-from * spacing).toBeCloseTo(36, 6);
  expect((to - (bars - 1)) * spacing).toBeCloseTo(36, 6);
});

test('a plot that has no width yet shows every bar', () => {
  expect(wholeRange(10, 0)).toEqual({ from: -0, to: 9 });
});

test('the last bar of many stands 36 pixels from the edge of a narrow plot', () => {
  const { from, to } = lastRange(500, 120, 260);
  expect(from).toBe(379.5);
  expect(((to - 499) * 260) / (to - from + 1)).toBeCloseTo(36, 6);
});

test('a wide plot, a few bars, or no width yet leave three bars', () => {
  expect(lastRange(500, 120, 4_000)).toEqual({ from: 379.5, to: 502 });
  expect(lastRange(2, 2, 600)).toEqual({ from: -0.5, to: 4 });
  expect(lastRange(500, 120, 0)).toEqual({ from: 379.5, to: 502 });
});
