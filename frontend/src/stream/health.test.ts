import { expect, test } from 'vitest';
import { healthOf, isStale } from './health';

test('the pill: connecting, live, stale, down', () => {
  expect(healthOf({ link: 'connecting', lastDataAt: null }, 0)).toBe('connecting');
  expect(healthOf({ link: 'open', lastDataAt: 1000 }, 2000)).toBe('live');
  expect(healthOf({ link: 'open', lastDataAt: 1000 }, 12_000)).toBe('stale');
  expect(healthOf({ link: 'down', lastDataAt: 1000 }, 1001)).toBe('down');
});

test('a quote is stale by market time, and a fast replay ages it faster', () => {
  const at = '2013-02-21T16:00:00Z';
  expect(isStale(at, '2013-02-21T16:01:00Z', 1)).toBe(true);
  expect(isStale(at, '2013-02-21T16:01:00Z', 60)).toBe(false);
  expect(isStale(at, '2013-02-21T16:31:00Z', 60)).toBe(true);
  expect(isStale(at, null, 1)).toBe(false);
});
