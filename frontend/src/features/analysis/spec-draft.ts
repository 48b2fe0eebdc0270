/** The form of a new analysis without its looks: defaults, what is wrong, what is sent. */
import type { Coverage, Spec, SubmitRequest } from '@/api/types';
import { endOfDay, isoDate, lastDay, startOfDay } from '@/lib/format-time';
import { fromInference, type InferenceDraft, NEW_INFERENCE, toInference, validateInference } from './inference-draft';
import { numberError, type NumberRule } from './number-rule';

export interface SpecDraft {
  readonly name: string;
  readonly symbols: readonly string[];
  readonly measure: Spec['measure'];
  readonly estimator: Spec['estimator'];
  readonly bar_size: Spec['bar_size'];
  /** Dates, "2018-02-07". The last days are included. */
  readonly start: string;
  readonly train_end: string;
  readonly end: string;
  readonly max_lag: string;
  readonly horizon: string;
  readonly alpha: string;
  readonly n_permutations: string;
  readonly seed: string;
  readonly cost_bps: string;
  readonly inference: InferenceDraft;
}

export type SpecErrors = Partial<Record<keyof SpecDraft | keyof InferenceDraft, string>>;

export const NEW_DRAFT: SpecDraft = {
  name: '',
  symbols: [],
  measure: 'log-volatility',
  estimator: 'gaussian',
  bar_size: '1d',
  start: '',
  train_end: '',
  end: '',
  max_lag: '5',
  horizon: '1',
  alpha: '0.05',
  n_permutations: '200',
  seed: '1',
  cost_bps: '5',
  inference: NEW_INFERENCE,
};

/** The same bounds as the server's; the server has the last word. */
const RULES: Readonly<Record<'max_lag' | 'horizon' | 'alpha' | 'n_permutations' | 'seed' | 'cost_bps', NumberRule>> = {
  max_lag: { least: 1, most: 50, whole: true },
  horizon: { least: 1, most: 50, whole: true },
  alpha: { least: 0.0001, most: 0.9999, whole: false },
  n_permutations: { least: 20, most: 10_000, whole: true },
  seed: { least: 0, most: 2 ** 31 - 1, whole: true },
  cost_bps: { least: 0, most: 1000, whole: false },
};

export function validateDraft(draft: SpecDraft): SpecErrors {
  const errors: SpecErrors = {};
  if (draft.symbols.length < 2) errors.symbols = 'Choose at least two: a link needs a source and a target.';
  if (!draft.start) errors.start = 'Choose the first day.';
  if (!draft.train_end) errors.train_end = 'Choose the last day of training.';
  if (!draft.end) errors.end = 'Choose the last day.';
  if (draft.start && draft.train_end && draft.train_end <= draft.start) errors.train_end = 'Must come after the first day.';
  if (draft.train_end && draft.end && draft.end <= draft.train_end) {
    errors.end = 'Must come after the training ends: the rest is what the signal is judged on.';
  }
  for (const [name, rule] of Object.entries(RULES) as [keyof typeof RULES, NumberRule][]) {
    const error = numberError(draft[name], rule);
    if (error) errors[name] = error;
  }
  return { ...errors, ...validateInference(draft.inference, draft.symbols) };
}

export function toSubmit(draft: SpecDraft): SubmitRequest {
  return {
    name: draft.name.trim(),
    spec: {
      symbols: [...draft.symbols],
      measure: draft.measure,
      estimator: draft.estimator,
      bar_size: draft.bar_size,
      start: startOfDay(draft.start),
      train_end: endOfDay(draft.train_end),
      end: endOfDay(draft.end),
      max_lag: Number(draft.max_lag),
      horizon: Number(draft.horizon),
      alpha: Number(draft.alpha),
      n_permutations: Number(draft.n_permutations),
      seed: Number(draft.seed),
      cost_bps: Number(draft.cost_bps),
      inference: toInference(draft.inference),
    },
  };
}

export function fromSpec(name: string, spec: Spec): SpecDraft {
  return {
    name,
    symbols: spec.symbols,
    measure: spec.measure,
    estimator: spec.estimator,
    bar_size: spec.bar_size,
    start: isoDate(spec.start),
    train_end: lastDay(spec.train_end),
    end: lastDay(spec.end),
    max_lag: String(spec.max_lag),
    horizon: String(spec.horizon),
    alpha: String(spec.alpha),
    n_permutations: String(spec.n_permutations),
    seed: String(spec.seed),
    cost_bps: String(spec.cost_bps),
    inference: fromInference(spec.inference),
  };
}

export interface Suggestion {
  readonly start: string;
  readonly train_end: string;
  readonly end: string;
  /** Series with less than half the usual history: they would shorten the overlap and are not counted. */
  readonly short: readonly string[];
}

const TRAINING_SHARE = 0.7;

/** The dates that all long enough series share, 70 % of them for training; null when they share none. */
export function suggestDates(coverage: readonly Coverage[]): Suggestion | null {
  const stored = coverage.filter((item) => item.bars > 0);
  if (stored.length === 0) return null;
  const lengths = stored.map((item) => item.bars).sort((a, b) => a - b);
  const usual = lengths[Math.floor(lengths.length / 2)] ?? 0;
  const long = stored.filter((item) => item.bars * 2 >= usual);
  const start = Math.max(...long.map((item) => Date.parse(item.start)));
  const end = Math.min(...long.map((item) => Date.parse(item.end)));
  if (end <= start) return null;
  const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return {
    start: date(start),
    train_end: date(start + (end - start) * TRAINING_SHARE),
    end: date(end),
    short: stored.filter((item) => item.bars * 2 < usual).map((item) => item.symbol),
  };
}
