import { describe, expect, test } from 'vitest';
import * as decimal from './decimal';

describe('exact decimals', () => {
  test('what floats get wrong', () => {
    expect(decimal.add('0.1', '0.2')).toBe('0.3');
    expect(decimal.subtract('1.1', '1')).toBe('0.1');
    expect(decimal.multiply('1.005', '1000')).toBe('1005');
  });

  test('more digits than a float holds', () => {
    expect(decimal.add('9007199254740993.01', '0.01')).toBe('9007199254740993.02');
  });

  test.each([
    ['-0.5', -1],
    ['0.00', 0],
    ['-0', 0],
    ['.5', 1],
  ] as const)('sign of %s is %d', (text, expected) => expect(decimal.sign(text)).toBe(expected));

  test('order does not depend on how a number is written', () => {
    expect(decimal.compare('1.50', '1.5')).toBe(0);
    expect(decimal.compare('-2', '1.5')).toBe(-1);
    expect(decimal.sum(['1.1', '-0.1', '2'])).toBe('3');
  });

  test.each(['', 'abc', '1e5', '1,000', '--1', '.'])('%o is no decimal', (text) => {
    expect(decimal.isDecimal(text)).toBe(false);
    expect(() => decimal.add(text, '1')).toThrow(RangeError);
  });
});
