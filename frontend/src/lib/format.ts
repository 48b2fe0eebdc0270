/** Text of numbers. Decimal strings go to Intl as strings, so no digit is lost on the way. */

const MISSING = '–';
const numbers = new Map<string, Intl.NumberFormat>();

function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  const known = numbers.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat('en-US', options);
  numbers.set(key, made);
  return made;
}

function exact(value: string): Intl.StringNumericLiteral {
  return value as Intl.StringNumericLiteral;
}

/** Money: two places, such as "$1,234.50". */
export function money(value: string | null | undefined, currency = 'USD'): string {
  if (value == null) return MISSING;
  return formatter({ style: 'currency', currency, currencyDisplay: 'narrowSymbol', signDisplay: 'negative' }).format(exact(value));
}

/** Money with its sign always shown, such as "+$12.00". Zero has none. */
export function signedMoney(value: string | null | undefined, currency = 'USD'): string {
  if (value == null) return MISSING;
  return formatter({
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    signDisplay: 'exceptZero',
  }).format(exact(value));
}

/** A price: two to four places. */
export function price(value: string | number | null | undefined): string {
  if (value == null) return MISSING;
  const shape = formatter({ minimumFractionDigits: 2, maximumFractionDigits: 4 });
  return typeof value === 'number' ? shape.format(value) : shape.format(exact(value));
}

/** A quantity: as many places as it has, up to eight. */
export function quantity(value: string | null | undefined): string {
  if (value == null) return MISSING;
  return formatter({ maximumFractionDigits: 8 }).format(exact(value));
}

/** A fraction as a percentage: 0.0123 is "1.23%". */
export function percent(value: number | null | undefined, places = 2): string {
  if (value == null || !Number.isFinite(value)) return MISSING;
  return formatter({
    style: 'percent',
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    signDisplay: 'negative',
  }).format(value);
}

export function signedPercent(value: number | null | undefined, places = 2): string {
  if (value == null || !Number.isFinite(value)) return MISSING;
  return formatter({
    style: 'percent',
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    signDisplay: 'exceptZero',
  }).format(value);
}

export function fixed(value: number | null | undefined, places = 2): string {
  if (value == null || !Number.isFinite(value)) return MISSING;
  return formatter({ minimumFractionDigits: places, maximumFractionDigits: places, signDisplay: 'negative' }).format(value);
}

export function count(value: number | null | undefined): string {
  if (value == null) return MISSING;
  return formatter({ maximumFractionDigits: 0 }).format(value);
}

/** A probability: three places, or two digits and an exponent below 0.001. */
export function probability(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return MISSING;
  return value > 0 && value < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

/** Seconds as "42 s", "3 min 5 s" or "2 h 10 min". */
export function duration(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) return MISSING;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** "pending_new" as "Pending new". */
export function words(name: string): string {
  if (name === 'ksg') return 'KSG';
  const spaced = name.replaceAll('_', ' ').replaceAll('-', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}
