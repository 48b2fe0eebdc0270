import { describe, expect, test } from 'vitest';
import type { Coverage } from '@/api/types';
import { spec } from '@/testing/fixtures';
import { fromSpec, NEW_DRAFT, suggestDates, toSubmit, validateDraft } from './spec-draft';

const valid = { ...NEW_DRAFT, symbols: ['A', 'B'], start: '2010-01-01', train_end: '2015-01-01', end: '2017-01-01' };
const stored = (symbol: string, start: string, end: string, bars: number): Coverage => ({ symbol, bar_size: '1d', start, end, bars, expected_bars: null, missing_bars: null, quarantined: 0 });

describe('the form of an analysis', () => {
  test('the defaults with two series and dates are valid', () => expect(validateDraft(valid)).toEqual({}));

  test.each([
    ['symbols', { symbols: ['A'] }],
    ['train_end', { train_end: '2009-12-31' }],
    ['end', { end: '2015-01-01' }],
    ['max_lag', { max_lag: '0' }],
    ['max_lag', { max_lag: '2.5' }],
    ['alpha', { alpha: '1' }],
    ['n_permutations', { n_permutations: '' }],
    ['seed', { seed: '-1' }],
  ] as const)('%s is refused: %o', (field, change) => {
    expect(Object.keys(validateDraft({ ...valid, ...change }))).toEqual([field]);
  });

  test('a copy of an analysis asks the same question', () => {
    expect(toSubmit(fromSpec('again', spec))).toEqual({ name: 'again', spec });
  });
});

describe('suggested dates', () => {
  test('are those that the series share, 70 % of them for training', () => {
    const suggestion = suggestDates([stored('A', '2000-01-01T00:00:00Z', '2010-01-01T00:00:00Z', 2500), stored('B', '2001-01-01T00:00:00Z', '2011-01-01T00:00:00Z', 2500)]);
    expect(suggestion).toEqual({ start: '2001-01-01', train_end: '2007-04-20', end: '2010-01-01', short: [] });
  });

  test('do not wait for a short history: it is named', () => {
    const long = ['A', 'B', 'C'].map((symbol) => stored(symbol, '2000-03-01T00:00:00Z', '2013-03-01T00:00:00Z', 3270));
    const suggestion = suggestDates([...long, stored('FB', '2012-05-18T00:00:00Z', '2013-03-01T00:00:00Z', 196)]);
    expect(suggestion).toMatchObject({ start: '2000-03-01', short: ['FB'] });
  });

  test('are none where nothing is shared', () => {
    expect(suggestDates([])).toBeNull();
    expect(suggestDates([stored('A', '2000-01-01T00:00:00Z', '2001-01-01T00:00:00Z', 250), stored('B', '2005-01-01T00:00:00Z', '2006-01-01T00:00:00Z', 250)])).toBeNull();
  });
});
