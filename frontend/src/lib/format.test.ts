import { describe, expect, test } from 'vitest';
import { toCsv } from './csv';
import * as format from './format';
import { dateTime, endOfDay, lastDay } from './format-time';

describe('numbers', () => {
  test('money keeps every digit of a decimal string', () => {
    expect(format.money('12345678901234567.89')).toBe('$12,345,678,901,234,567.89');
    expect(format.signedMoney('12')).toBe('+$12.00');
    expect(format.signedMoney('-0.5')).toBe('-$0.50');
    expect(format.signedMoney('0')).toBe('$0.00');
  });

  test('fractions become percentages, missing values a dash', () => {
    expect(format.percent(0.0123)).toBe('1.23%');
    expect(format.signedPercent(0.5, 0)).toBe('+50%');
    expect(format.percent(-0.00001)).toBe('0.00%');
    expect(format.percent(null)).toBe('–');
    expect(format.fixed(Number.NaN)).toBe('–');
  });

  test('a small probability is never shown as zero', () => {
    expect(format.probability(0.0001)).toBe('1.0e-4');
    expect(format.probability(0)).toBe('0.000');
    expect(format.probability(0.0312)).toBe('0.031');
  });

  test('durations', () => {
    expect(format.duration(42.4)).toBe('42 s');
    expect(format.duration(185)).toBe('3 min 5 s');
    expect(format.duration(7800)).toBe('2 h 10 min');
  });
});

describe('times', () => {
  test('the zone of the user, daylight saving included', () => {
    expect(dateTime('2018-02-07T14:30:00Z', 'UTC')).toBe('2018-02-07 14:30:00 UTC');
    expect(dateTime('2018-02-07T14:30:00Z', 'America/New_York')).toBe('2018-02-07 09:30:00 EST');
    expect(dateTime('2018-07-09T13:30:00Z', 'America/New_York')).toBe('2018-07-09 09:30:00 EDT');
  });

  test('the last day of a range is included whole', () => {
    expect(endOfDay('2016-02-28')).toBe('2016-02-29T00:00:00Z');
    expect(lastDay(endOfDay('2016-02-28'))).toBe('2016-02-28');
  });
});

test('CSV quotes what needs it and runs no formula', () => {
  const text = toCsv(['a', 'b'], [['x,"y"', -1.5], ['=HYPERLINK()', null], ['-3', '+cmd']]);
  expect(text).toBe('a,b\r\n"x,""y""",-1.5\r\n\'=HYPERLINK(),\r\n-3,\'+cmd\r\n');
});

test('a name of code reads as words, and an abbreviation stays one', () => {
  expect(format.words('log-volatility')).toBe('Log volatility');
  expect(format.words('ksg')).toBe('KSG');
});
