/** What the user has typed into the form of a fetch, and the request that it makes. */
import type { FetchRequest } from '@/api/types';

export type Provider = NonNullable<FetchRequest['providers']>[number];
export type FetchSize = FetchRequest['bar_size'];
export type AssetClass = FetchRequest['asset_class'];

export interface FetchDraft {
  readonly symbols: string;
  /** Every symbol that has bars of this size, in place of those named. */
  readonly all_stored: boolean;
  readonly bar_size: FetchSize;
  /** Days such as 2024-01-31; the last one is part of the range, and empty means up to now. */
  readonly start: string;
  readonly end: string;
  /** In the order in which they are asked; none: those of the server's settings. */
  readonly providers: readonly Provider[];
  /** Of symbols that are new; empty: as the provider or the symbol says. */
  readonly asset_class: AssetClass;
  /** MIC of symbols that are new; empty: as the provider says. */
  readonly exchange: string;
  readonly extended_hours: boolean;
  /** At most two; the second one settles who is wrong. */
  readonly check_against: readonly Provider[];
  readonly again: boolean;
  readonly replace: boolean;
  /** A symbol that the others do not know waits for a provider whose plan is used up. */
  readonly patient: boolean;
  /** What the provider's own repair would change becomes proposals. */
  readonly repairs: boolean;
  readonly name: string;
}

export const EMPTY: FetchDraft = {
  symbols: '', all_stored: false, bar_size: '1d', start: '', end: '', providers: [], asset_class: '', exchange: '',
  extended_hours: false, check_against: [], again: false, replace: false, patient: false, repairs: false, name: '',
};
export const MOST_CHECKS = 2;

export type FetchErrors = Partial<Record<keyof FetchDraft, string>>;

export const PROVIDERS: readonly { readonly name: Provider; readonly label: string }[] = [
  { name: 'yahoo', label: 'Yahoo' },
  { name: 'alphavantage', label: 'Alpha Vantage' },
  { name: 'iqfeed', label: 'IQFeed' },
  { name: 'alpaca', label: 'Alpaca' },
  { name: 'files', label: 'Files' },
];
export const ASSET_CLASSES: readonly AssetClass[] = ['', 'equity', 'etf', 'fx', 'crypto', 'future', 'index'];
const SYMBOL = /^[A-Z0-9^@$#][A-Z0-9._:/^=+&#@$*!-]{0,31}$/;
const DAY_MS = 86_400_000;

/** Symbols between commas, spaces or lines, in upper case, each once. */
export function symbolsOf(text: string): readonly string[] {
  return [...new Set(text.toUpperCase().split(/[\s,;]+/).filter(Boolean))];
}

export const labelOf = (name: string): string => PROVIDERS.find((one) => one.name === name)?.label ?? name;

function symbolsError({ symbols: text, all_stored: all }: FetchDraft): string {
  if (all) return '';
  const symbols = symbolsOf(text);
  const wrong = symbols.find((symbol) => !SYMBOL.test(symbol));
  if (symbols.length === 0) return 'Name at least one symbol, such as AAPL.';
  return wrong ? `${wrong} is no symbol: 1 to 32 letters, digits or . _ : / ^ = + - & # @ $ * ! are expected.` : '';
}

/** A provider alone cannot be held against itself. */
function checkError({ providers, check_against: checks }: FetchDraft): string {
  const [only, second] = providers;
  return only && !second && checks.includes(only) ? `${labelOf(only)} is the provider that is asked: choose another to check against.` : '';
}

export function validateFetch(draft: FetchDraft, today: string): FetchErrors {
  const errors: Record<string, string> = {};
  const symbols = symbolsError(draft);
  const check = checkError(draft);
  if (symbols) errors['symbols'] = symbols;
  if (check) errors['check_against'] = check;
  if (!draft.start) errors['start'] = 'Choose the first day.';
  else if (draft.start > today) errors['start'] = 'This day lies in the future, so no provider has bars of it.';
  if (draft.end && draft.end < draft.start) errors['end'] = 'The last day must not be before the first.';
  return errors;
}

/** The day after the last one ends the range on the wire, where ranges do not hold their end. */
export function toFetch(draft: FetchDraft): FetchRequest {
  return {
    name: draft.name.trim(),
    symbols: draft.all_stored ? null : [...symbolsOf(draft.symbols)],
    bar_size: draft.bar_size,
    start: `${draft.start}T00:00:00Z`,
    end: draft.end ? new Date(Date.parse(`${draft.end}T00:00:00Z`) + DAY_MS).toISOString() : null,
    providers: [...draft.providers],
    extended_hours: draft.extended_hours,
    asset_class: draft.asset_class,
    check_against: [...draft.check_against],
    again: draft.again,
    replace: draft.replace,
    patient: draft.patient,
    repairs: draft.repairs ? 'also' : 'none',
    exchange: draft.exchange,
  };
}

/** The list with an item one place nearer to the front; the first stays. */
export function raised(providers: readonly Provider[], name: Provider): readonly Provider[] {
  const at = providers.indexOf(name);
  if (at < 1) return providers;
  return [...providers.slice(0, at - 1), name, ...providers.slice(at - 1, at), ...providers.slice(at + 1)];
}
