/** What the user has typed into the form of a fetch, and the request that it makes. */
import type { FetchRequest } from '@/api/types';

export type Provider = NonNullable<FetchRequest['providers']>[number];
export type FetchSize = FetchRequest['bar_size'];
export type AssetClass = FetchRequest['asset_class'];

export interface FetchDraft {
  readonly symbols: string;
  readonly bar_size: FetchSize;
  /** Days such as 2024-01-31; the last one is part of the range, and empty means up to now. */
  readonly start: string;
  readonly end: string;
  /** In the order in which they are asked; none: those of the server's settings. */
  readonly providers: readonly Provider[];
  readonly asset_class: AssetClass;
  readonly extended_hours: boolean;
}

export type FetchErrors = Partial<Record<keyof FetchDraft, string>>;

export const PROVIDERS: readonly { readonly name: Provider; readonly label: string }[] = [
  { name: 'yahoo', label: 'Yahoo' },
  { name: 'alphavantage', label: 'Alpha Vantage' },
  { name: 'iqfeed', label: 'IQFeed' },
  { name: 'alpaca', label: 'Alpaca' },
  { name: 'files', label: 'Files' },
];
export const ASSET_CLASSES: readonly AssetClass[] = ['equity', 'etf', 'fx', 'crypto', 'future', 'index'];
const SYMBOL = /^[A-Z0-9^][A-Z0-9._:/^=+-]{0,31}$/;
const DAY_MS = 86_400_000;

/** Symbols between commas, spaces or lines, in upper case, each once. */
export function symbolsOf(text: string): readonly string[] {
  return [...new Set(text.toUpperCase().split(/[\s,;]+/).filter(Boolean))];
}

export function validateFetch(draft: FetchDraft, today: string): FetchErrors {
  const errors: Record<string, string> = {};
  const symbols = symbolsOf(draft.symbols);
  const wrong = symbols.find((symbol) => !SYMBOL.test(symbol));
  if (symbols.length === 0) errors['symbols'] = 'Name at least one symbol, such as AAPL.';
  else if (wrong) errors['symbols'] = `${wrong} is no symbol: 1 to 32 letters, digits or . _ : / ^ = + - are expected.`;
  if (!draft.start) errors['start'] = 'Choose the first day.';
  else if (draft.start > today) errors['start'] = 'This day lies in the future, so no provider has bars of it.';
  if (draft.end && draft.end < draft.start) errors['end'] = 'The last day must not be before the first.';
  return errors;
}

/** The day after the last one ends the range on the wire, where ranges do not hold their end. */
export function toFetch(draft: FetchDraft): FetchRequest {
  return {
    name: '',
    symbols: [...symbolsOf(draft.symbols)],
    bar_size: draft.bar_size,
    start: `${draft.start}T00:00:00Z`,
    end: draft.end ? new Date(Date.parse(`${draft.end}T00:00:00Z`) + DAY_MS).toISOString() : null,
    providers: [...draft.providers],
    extended_hours: draft.extended_hours,
    asset_class: draft.asset_class,
    replace: false,
    again: false,
  };
}

/** The list with an item one place nearer to the front; the first stays. */
export function raised(providers: readonly Provider[], name: Provider): readonly Provider[] {
  const at = providers.indexOf(name);
  if (at < 1) return providers;
  return [...providers.slice(0, at - 1), name, ...providers.slice(at - 1, at), ...providers.slice(at + 1)];
}
