import { describe, expect, test } from 'vitest';
import type { Month } from '@/api/types';
import { cellLabel, cellText, levelOf, yearRows } from './month-grid';

const month = (name: string, expected = 21, missing = 0, sessions = 0): Month => ({
  month: name,
  sessions: 21,
  missing_sessions: sessions,
  expected_bars: expected,
  missing_bars: missing,
});

describe('years', () => {
  test('a year has twelve cells, empty where the report does not reach', () => {
    const rows = yearRows([month('2011-12'), month('2012-01'), month('2012-02')]);
    expect(rows.map((row) => row.year)).toEqual(['2011', '2012']);
    expect(rows[0]?.months.map((cell) => cell?.month ?? null)).toEqual([...Array<null>(11).fill(null), '2011-12']);
    expect(rows[1]?.months.slice(0, 3).map((cell) => cell?.month ?? null)).toEqual(['2012-01', '2012-02', null]);
  });

  test('nothing expected is nothing shown', () => {
    expect(yearRows([])).toEqual([]);
  });
});

describe('cells', () => {
  test.each([
    [month('2012-01', 20, 0), 'full', '', 'all 20 bars'],
    [month('2012-01', 20, 2, 2), 'few', '2', '2 of 20 bars missing, 2 whole sessions'],
    [month('2012-01', 20, 3, 3), 'many', '3', '3 of 20 bars missing, 3 whole sessions'],
    [month('2012-01', 20, 20, 20), 'none', '✕', 'none of 20 bars'],
    [month('2012-01', 8190, 390, 1), 'few', '5%', '390 of 8,190 bars missing, 1 whole session'],
    [month('2012-01', 100_000, 100, 0), 'few', '1%', '100 of 100,000 bars missing'],
    [month('2012-01', 8190, 8189, 20), 'many', '99%', '8,189 of 8,190 bars missing, 20 whole sessions'],
  ])('%# say how much is missing by shade, sign and words', (cell, level, text, label) => {
    expect([levelOf(cell), cellText(cell), cellLabel(cell)]).toEqual([level, text, label]);
  });
});
