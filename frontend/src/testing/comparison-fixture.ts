/** A comparison in the shapes of openapi.json: made-up numbers, as in fixtures.ts. */
import type { ComparedRun, Comparison, LinkPair } from '../api/comparison.ts';
import { EMPTY_JOB, evaluation, KNOWN_JOB, link, result } from './fixtures.ts';
import { KNOWN, spec } from './spec-fixture.ts';

const { data_hash, code_version, engine_version, created_at, result_id, samples } = result();
const { verdict, start, end, bars, sharpe, sharpe_interval_95, total_return, max_drawdown, turnover_per_bar } = evaluation;
const head = { verdict, start, end, bars, sharpe, sharpe_interval_95, total_return, max_drawdown, turnover_per_bar };

function run(change: Partial<ComparedRun>): ComparedRun {
  return { job_id: KNOWN_JOB, name: 'Known market', result_id, spec, symbols: KNOWN, samples, found: 5, data_hash, code_version, engine_version, created_at, evaluation: head, ...change };
}

function pair(source: string, target: string, change: Partial<LinkPair>): LinkPair {
  const a = change.a === undefined ? link(source, target) : change.a;
  const b = change.b === undefined ? link(source, target) : change.b;
  const ratio = a && b ? b.te_nats / a.te_nats : null;
  return { source, target, found: 'both', asked: 'both', changes: [], te_ratio: ratio, ...change, a, b };
}

export function comparison(change: Partial<Comparison> = {}): Comparison {
  return {
    a: run({}),
    b: run({ job_id: EMPTY_JOB, name: 'Known market, rank', spec: { ...spec, max_lag: 3, seed: 2 }, found: 4, samples: 1392, evaluation: { ...head, sharpe: 0.43, sharpe_interval_95: { low: -0.84, high: 1.7 }, total_return: -0.0211, verdict: 'not_distinguishable' } }),
    same_answer: false,
    data: 'other',
    question: [
      { field: 'symbols', a: KNOWN, b: [...KNOWN.slice(0, 9), 'Y1'] },
      { field: 'max_lag', a: 5, b: 3 },
      { field: 'seed', a: 1, b: 2 },
      { field: 'inference.transform', a: 'none', b: 'rank' },
      { field: 'inference.window_bars', a: null, b: 250 },
    ],
    overlap: { pairs: 72, found_a: 4, found_b: 4, shared: 3, jaccard: 0.6, expected_shared: 16 / 72, same_lag: 2 },
    links: [
      pair('X0', 'X1', { a: link('X0', 'X1', { te_nats: 0.024 }), b: link('X0', 'X1', { te_nats: 0.031 }) }),
      pair('X0', 'X4', { changes: ['sign'], a: link('X0', 'X4', { te_nats: 0.018, coefficient: -0.18 }), b: link('X0', 'X4', { te_nats: 0.0175, coefficient: 0.04 }) }),
      pair('X3', 'X2', { changes: ['lag'], a: link('X3', 'X2', { lag_bars: 3, lags: [3, 4], te_nats: 0.013, q: 0.011 }), b: link('X3', 'X2', { lag_bars: 2, lags: [2], te_nats: 0.01, q: 0.02 }) }),
      pair('X4', 'X0', { found: 'a', changes: ['significance'], a: link('X4', 'X0', { te_nats: 0.009, q: 0.031 }), b: link('X4', 'X0', { te_nats: 0.007, q: 0.09, significant: false }) }),
      pair('X6', 'X8', { found: 'b', changes: ['significance'], a: null, b: link('X6', 'X8', { lag_bars: 2, lags: [2], te_nats: 0.011, q: 0.04 }) }),
      pair('X8', 'X9', { found: 'a', asked: 'a', a: link('X8', 'X9', { lag_bars: 5, lags: [5], te_nats: 0.008, q: 0.02 }), b: null }),
      pair('X2', 'X5', { found: 'neither', a: link('X2', 'X5', { te_nats: 0.004, q: 0.2, significant: false }), b: null }),
    ],
    notes: [
      'In one analysis only: X9, Y1. Their links are not counted in the overlap; in a multivariate analysis they also condition the other links.',
      'Strengths are not on one scale (transform none and rank): compare which links were found, not their nats.',
    ],
    ...change,
  };
}
