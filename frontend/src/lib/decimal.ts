/** Exact arithmetic on decimal strings. Money never becomes a float before it is formatted. */

interface Scaled {
  readonly units: bigint;
  readonly scale: number;
}

const PATTERN = /^[+-]?(\d+\.?\d*|\.\d+)$/;

export function isDecimal(text: string): boolean {
  return PATTERN.test(text.trim());
}

function parse(text: string): Scaled {
  const trimmed = text.trim();
  if (!PATTERN.test(trimmed)) throw new RangeError(`expected a decimal number, found "${text}"`);
  const negative = trimmed.startsWith('-');
  const [whole = '', fraction = ''] = trimmed.replace(/^[+-]/, '').split('.');
  const units = BigInt(`${whole}${fraction}` || '0');
  return { units: negative ? -units : units, scale: fraction.length };
}

function render({ units, scale }: Scaled): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  if (scale === 0) return `${sign}${digits}`;
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  const whole = digits.slice(0, -scale);
  const plain = fraction ? `${whole}.${fraction}` : whole;
  return plain === '0' ? '0' : `${sign}${plain}`;
}

function aligned(a: string, b: string): { left: bigint; right: bigint; scale: number } {
  const x = parse(a);
  const y = parse(b);
  const scale = Math.max(x.scale, y.scale);
  const widen = (value: Scaled): bigint => value.units * 10n ** BigInt(scale - value.scale);
  return { left: widen(x), right: widen(y), scale };
}

export function add(a: string, b: string): string {
  const { left, right, scale } = aligned(a, b);
  return render({ units: left + right, scale });
}

export function subtract(a: string, b: string): string {
  const { left, right, scale } = aligned(a, b);
  return render({ units: left - right, scale });
}

export function multiply(a: string, b: string): string {
  const x = parse(a);
  const y = parse(b);
  return render({ units: x.units * y.units, scale: x.scale + y.scale });
}

/** -1, 0 or 1. */
export function sign(value: string): -1 | 0 | 1 {
  const { units } = parse(value);
  if (units === 0n) return 0;
  return units < 0n ? -1 : 1;
}

/** Negative, zero or positive, as for Array.sort. */
export function compare(a: string, b: string): number {
  const { left, right } = aligned(a, b);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function sum(values: readonly string[]): string {
  return values.reduce(add, '0');
}
