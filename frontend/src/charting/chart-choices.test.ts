import { describe, expect, test } from 'vitest';
import { lookBack } from '@/api/data';
import { chosenSize, sizesFrom, sourceOf } from './chart-choices';

describe('bar sizes of a chart', () => {
  test.each([
    [['1d'], ['1d']],
    [['1m', '1d'], ['1m', '5m', '15m', '1h', '1d']],
    [['15m'], ['15m', '1h', '1d']],
    [[], []],
  ])('%j stored can be shown as %j: coarser bars are made from finer ones', (stored, offered) => {
    expect(sizesFrom(stored)).toEqual(offered);
  });

  test('the address counts where it can be shown, else days', () => {
    expect(chosenSize('5m', ['1m', '5m', '1d'])).toBe('5m');
    expect(chosenSize('1s', ['1m', '5m', '1d'])).toBe('1d');
    expect(chosenSize(null, ['1m', '5m'])).toBe('5m');
    expect(chosenSize(null, [])).toBe('1d');
  });

  test('bars that are not stored come from the coarsest finer ones', () => {
    expect(sourceOf('1h', ['1s', '1m', '1d'])).toBe('1m');
    expect(sourceOf('1m', ['1s', '1m', '1d'])).toBe('1m');
    expect(sourceOf('1s', ['1d'])).toBe('1s');
  });
});

describe('how far back a chart looks', () => {
  test('minutes go back five days from the end, days to the beginning', () => {
    expect(lookBack('1m', '2013-02-21T16:20:00Z')).toBe('2013-02-16T16:20:00.000Z');
    expect(lookBack('1d', '1950-02-21T00:00:00Z')).toBe('1900-01-01T00:00:00.000Z');
  });
});
