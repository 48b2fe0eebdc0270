import { expect, test } from 'vitest';
import { changesOf } from './repair-lines';

const bar = { open: 101.97, high: 103, low: 101, close: 102.5, volume: 1_200 };

test('where nothing is stored it is a new bar, by its values', () => {
  expect(changesOf({ kind: 'bar', found: null, proposed: bar })).toEqual(['new bar', 'open 101.97', 'high 103.00', 'low 101.00', 'close 102.50', 'volume 1,200']);
});

test('of a stored bar only what changes is said', () => {
  expect(changesOf({ kind: 'bar', found: { ...bar, close: 10_250 }, proposed: bar })).toEqual(['close 10,250.00 → 102.50']);
});
