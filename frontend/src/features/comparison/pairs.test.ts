import { describe, expect, test } from 'vitest';
import type { LinkPair } from '@/api/comparison';
import { comparison } from '@/testing/comparison-fixture';
import { describeChange, matches, readShow, readSort, scaleOf, type Show, sortPairs } from './pairs';
import { nameOf, textOf } from './question-table';

const { links } = comparison();
const names = (pairs: readonly LinkPair[]): string[] => pairs.map((pair) => pair.source + pair.target);
const shown = (show: Show): string[] => names(links.filter((pair) => matches(pair, show)));

describe('filters', () => {
  test.each<[Show, string[]]>([
    ['found', ['X0X1', 'X0X4', 'X3X2', 'X4X0', 'X6X8', 'X8X9']],
    ['changed', ['X0X4', 'X3X2', 'X4X0', 'X6X8']],
    ['both', ['X0X1', 'X0X4', 'X3X2']],
    ['a', ['X4X0']],
    ['b', ['X6X8']],
    ['alone', ['X8X9']],
  ])('%s', (show, expected) => expect(shown(show)).toEqual(expected));

  test('candidates are links that neither found', () => {
    expect(shown('all').filter((name) => !shown('found').includes(name))).toEqual(['X2X5']);
  });

  test('an address that means nothing shows what either found', () => expect(readShow('nonsense')).toBe('found'));
});

describe('order', () => {
  test('by the ratio that is farthest from one, either way', () => {
    const ratios = [0.5, 1.1, 3, 0.9].map((te_ratio) => ({ ...(links[0] as LinkPair), te_ratio }));
    expect(sortPairs(ratios, { key: 'ratio', descending: true }).map((pair) => pair.te_ratio)).toEqual([3, 0.5, 0.9, 1.1]);
  });

  test('by the smaller q unless the address says otherwise', () => {
    expect(readSort(null)).toEqual({ key: 'q', descending: false });
    expect(readSort('te.desc')).toEqual({ key: 'te', descending: true });
    expect(names(sortPairs(links, readSort(null)))).toEqual(['X0X1', 'X0X4', 'X3X2', 'X8X9', 'X4X0', 'X6X8', 'X2X5']);
  });

  test('the axis ends at the strongest link of all', () => {
    expect(scaleOf(links)).toBe(0.031);
    expect(scaleOf([])).toBeGreaterThan(0);
  });
});

test('a change is told in words', () => {
  expect(links.map(describeChange)).toEqual(['', 'other sign', 'other lag', 'found in one only', 'found in one only', 'asked in A only', '']);
});

describe('values of a question', () => {
  test.each([
    ['symbols', ['A', 'B', 'C'], ['A', 'B'], '3 series; only here: C'],
    ['symbols', ['A', 'B'], ['A', 'B', 'C'], '2 series'],
    ['end', '2017-09-01T00:00:00Z', '', '2017-08-31'],
    ['start', '2010-01-04T00:00:00Z', '', '2010-01-04'],
    ['inference.window_bars', null, 250, 'whole range'],
    ['inference.block_bars', null, 20, 'automatic'],
    ['inference.condition_on', [], ['@mean'], 'nothing'],
    ['inference.compat', '', 'idtxl', 'Causeway'],
    ['measure', 'log-volatility', 'returns', 'Log volatility'],
    ['alpha', 0.01, 0.05, '0.01'],
  ])('%s %j', (field, value, other, text) => expect(textOf(field, value, other)).toBe(text));

  test('a field without a name of its own is called by its words', () => expect(nameOf('inference.transform')).toBe('Transform'));
});
