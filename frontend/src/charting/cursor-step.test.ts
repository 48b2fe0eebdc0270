import { expect, test } from 'vitest';
import { stepTo } from './cursor-step';

test.each<[string, number | null, number | null]>([
  ['ArrowLeft', 5, 4],
  ['ArrowRight', 5, 6],
  ['ArrowRight', 9, 9],
  ['PageUp', 5, 0],
  ['PageDown', 5, 9],
  ['Home', null, 0],
  ['End', 0, 9],
  ['ArrowLeft', null, 9],
  ['Tab', 5, null],
])('of ten bars, %s leads from %s to %s', (key, at, next) => {
  expect(stepTo(key, at, 10)).toBe(next);
});

test('where there is no bar, no key leads anywhere', () => {
  expect(stepTo('End', null, 0)).toBeNull();
});
