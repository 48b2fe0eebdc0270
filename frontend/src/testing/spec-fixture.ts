/** The question that most fixtures answer. */
import type { Spec } from '../api/types.ts';

export const KNOWN = ['X0', 'X1', 'X2', 'X3', 'X4', 'X5', 'X6', 'X7', 'X8', 'X9'];

export const spec: Spec = {
  symbols: KNOWN,
  measure: 'returns',
  estimator: 'gaussian',
  bar_size: '1d',
  start: '2010-01-04T00:00:00Z',
  train_end: '2015-05-01T00:00:00Z',
  end: '2017-09-01T00:00:00Z',
  max_lag: 5,
  horizon: 1,
  alpha: 0.05,
  n_permutations: 200,
  seed: 1,
  cost_bps: 5,
  inference: {
    mode: 'multivariate-te',
    transform: 'none',
    k: 4,
    ksg_algorithm: 1,
    theiler_bars: 0,
    n_bins: 3,
    ordinal_order: 3,
    surrogates: 'block',
    block_bars: null,
    tail: 'fitted',
    autocorrelation: 'bartlett',
    correction: 'by',
    correct_over: 'links',
    condition_on: [],
    missing: 'drop',
    stability_runs: null,
    window_bars: null,
    step_bars: null,
    engine: 'causeway',
    compat: '',
  },
};
