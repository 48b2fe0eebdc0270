/** The inference part of the form: numbers as typed, empty where the server decides. */
import type { Spec } from '@/api/types';
import { numberError, type NumberRule } from './number-rule';

type Inference = Spec['inference'];
type NumberName = 'k' | 'ksg_algorithm' | 'theiler_bars' | 'n_bins' | 'ordinal_order' | 'block_bars' | 'stability_runs' | 'window_bars' | 'step_bars';
type ChoiceName = Exclude<keyof Inference, NumberName | 'condition_on'>;

export type InferenceDraft = Readonly<Pick<Inference, ChoiceName>> & Readonly<Record<NumberName, string>> & { readonly condition_on: readonly string[] };

/** The server's defaults; every one is the recommended choice. */
export const NEW_INFERENCE: InferenceDraft = {
  mode: 'multivariate-te',
  transform: 'none',
  k: '4',
  ksg_algorithm: '1',
  theiler_bars: '0',
  n_bins: '3',
  ordinal_order: '3',
  surrogates: 'auto',
  block_bars: '',
  tail: 'fitted',
  autocorrelation: 'bartlett',
  correction: 'by',
  correct_over: 'links',
  condition_on: [],
  missing: 'drop',
  stability_runs: '',
  window_bars: '',
  step_bars: '',
  engine: 'causeway',
  compat: '',
};

/** The same bounds as the server's; the server has the last word. */
const RULES: Readonly<Record<NumberName, NumberRule>> = {
  k: { least: 1, most: 100, whole: true },
  ksg_algorithm: { least: 1, most: 2, whole: true },
  theiler_bars: { least: 0, most: 10_000, whole: true },
  n_bins: { least: 2, most: 100, whole: true },
  ordinal_order: { least: 2, most: 7, whole: true },
  block_bars: { least: 0, most: 100_000, whole: true },
  stability_runs: { least: 0, most: 1000, whole: true },
  window_bars: { least: 40, most: 1_000_000, whole: true },
  step_bars: { least: 1, most: 1_000_000, whole: true },
};
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['block_bars', 'stability_runs', 'window_bars', 'step_bars']);
const MADE = new Set(['@mean', '@pc1']);

export type InferenceErrors = Partial<Record<keyof InferenceDraft, string>>;

export function validateInference(draft: InferenceDraft, symbols: readonly string[]): InferenceErrors {
  const errors: InferenceErrors = {};
  for (const [name, rule] of Object.entries(RULES) as [NumberName, NumberRule][]) {
    if (draft[name].trim() === '' && MAY_BE_EMPTY.has(name)) continue;
    const error = numberError(draft[name], rule);
    if (error) errors[name] = error;
  }
  const strange = draft.condition_on.filter((name) => !symbols.includes(name) && !MADE.has(name));
  if (strange.length) errors.condition_on = `Name series of this analysis, @mean or @pc1; found ${strange.join(', ')}.`;
  if (draft.step_bars.trim() !== '' && draft.window_bars.trim() === '') errors.step_bars = 'Has no meaning without windows.';
  return errors;
}

function optional(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}

export function toInference(draft: InferenceDraft): Inference {
  return {
    ...draft,
    k: Number(draft.k),
    ksg_algorithm: draft.ksg_algorithm === '2' ? 2 : 1,
    theiler_bars: Number(draft.theiler_bars),
    n_bins: Number(draft.n_bins),
    ordinal_order: Number(draft.ordinal_order),
    block_bars: optional(draft.block_bars),
    stability_runs: optional(draft.stability_runs),
    window_bars: optional(draft.window_bars),
    step_bars: optional(draft.step_bars),
    condition_on: [...draft.condition_on],
  };
}

export function fromInference(inference: Inference): InferenceDraft {
  const text = (value: number | null | undefined): string => (value == null ? '' : String(value));
  return {
    ...inference,
    k: text(inference.k),
    ksg_algorithm: text(inference.ksg_algorithm),
    theiler_bars: text(inference.theiler_bars),
    n_bins: text(inference.n_bins),
    ordinal_order: text(inference.ordinal_order),
    block_bars: text(inference.block_bars),
    stability_runs: text(inference.stability_runs),
    window_bars: text(inference.window_bars),
    step_bars: text(inference.step_bars),
    condition_on: inference.condition_on,
  };
}

/** How many options differ from the defaults. */
export function changedOptions(draft: InferenceDraft): number {
  const names = Object.keys(NEW_INFERENCE) as (keyof InferenceDraft)[];
  return names.filter((name) => String(draft[name]) !== String(NEW_INFERENCE[name])).length;
}
