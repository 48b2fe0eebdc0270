/** Wire objects for component tests and for the mock server: made-up numbers in the shapes of openapi.json. */
import type { Account, Coverage, Evaluation, Execution, Job, Link, MarketSymbol, Me, Order, OrderDetail, Position, Quote, Result, Summary } from '../api/types.ts';
import { KNOWN, spec } from './spec-fixture.ts';

export { spec };

export const ACCOUNT_ID = '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a0001';
export const KNOWN_JOB = '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a1001';
export const EMPTY_JOB = '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a1002';
export const RUNNING_JOB = '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a1003';
export const FAILED_JOB = '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a1004';
export const ORDER_ID = '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a2001';

const STOCKS = ['AAPL', 'MSFT', 'IBM', 'GOOG'];

export const me: Me = {
  user: { id: '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a9001', email: 'admin@localhost', role: 'admin' },
  csrf_token: 'csrf-for-tests',
  expires_at: null,
};

const NAMES: Record<string, string> = { AAPL: 'Apple Inc.', MSFT: 'Microsoft Corporation', IBM: 'International Business Machines', GOOG: 'Alphabet Inc.' };

export const symbols: MarketSymbol[] = [...STOCKS, ...KNOWN].map((symbol, index) => ({
  symbol,
  instrument_id: index + 1,
  name: NAMES[symbol] ?? `Known market, series ${symbol.slice(1)}`,
  exchange: NAMES[symbol] ? 'XNAS' : 'XSYN',
  asset_class: NAMES[symbol] ? 'equity' : 'synthetic',
  currency: 'USD',
  time_zone: 'America/New_York',
  bar_sizes: ['1d'],
}));

export function coverage(symbol: string): Coverage {
  const short = symbol === 'GOOG';
  return {
    symbol,
    bar_size: '1d',
    start: short ? '2010-08-19T00:00:00Z' : '2000-03-01T00:00:00Z',
    end: '2013-03-01T00:00:00Z',
    bars: short ? 640 : 3270,
    expected_bars: short ? 640 : 3272,
    missing_bars: short ? 0 : 2,
    quarantined: symbol === 'IBM' ? 3 : 0,
  };
}

export function job(change: Partial<Job> = {}): Job {
  return {
    id: KNOWN_JOB,
    name: 'Known market',
    spec,
    state: 'succeeded',
    stage: 'store',
    progress: 1,
    message: 'Done',
    eta_s: null,
    result_id: '4f2a9c0d6b1e8f7730a1b2c3d4e5f607',
    error: null,
    created_at: '2026-11-22T12:00:00Z',
    started_at: '2026-11-22T12:00:01Z',
    finished_at: '2026-11-22T12:00:14Z',
    ...change,
  };
}

export const jobs: Job[] = [
  job({ id: RUNNING_JOB, name: 'Log-volatility of four large stocks', state: 'running', stage: 'shards', progress: 0.43, message: 'Inferring the drivers of MSFT', eta_s: 21, result_id: null, finished_at: null, spec: { ...spec, symbols: STOCKS, measure: 'log-volatility' } }),
  job(),
  job({ id: EMPTY_JOB, name: 'Daily returns of four large stocks', spec: { ...spec, symbols: STOCKS } }),
  job({ id: FAILED_JOB, name: '', state: 'failed', stage: 'prepare', progress: 0.1, message: '', result_id: null, spec: { ...spec, symbols: ['AAPL', 'ZZZZ'] }, error: { code: 'invalid_input', message: 'Expected symbols that are stored; found ZZZZ. Load it, or leave it out.', stage: 'prepare' } }),
];

export function link(source: string, target: string, change: Partial<Link> = {}): Link {
  return { source, target, lag_bars: 1, lags: [1], te_nats: 0.02, p: 0.0001, q: 0.002, coefficient: 0.2, significant: true, stability_time: 0.9, stability_assets: 0.8, linear_share: 0.92, effective_lag: 1.3, ...change };
}

const LINKS: Link[] = [
  link('X0', 'X1', { te_nats: 0.024, coefficient: 0.21 }),
  link('X0', 'X4', { lag_bars: 2, lags: [2], te_nats: 0.018, coefficient: -0.18 }),
  link('X3', 'X2', { lag_bars: 3, lags: [3, 4], te_nats: 0.013, coefficient: 0.15, q: 0.011 }),
  link('X4', 'X0', { lag_bars: 1, lags: [1], te_nats: 0.009, coefficient: 0.11, q: 0.031, stability_time: 0.3 }),
  link('X7', 'X5', { lag_bars: 4, lags: [4], te_nats: 0.02, coefficient: null }),
  link('X8', 'X9', { lag_bars: 5, lags: [5], te_nats: 0.005, coefficient: -0.08, p: 0.012, q: 0.16, significant: false }),
];

const DAY = 86_400_000;

/** A deterministic walk: enough shape to look at, no meaning. */
export function wave(index: number): number {
  return Math.sin(index / 9) * 0.6 + Math.sin(index / 23 + 1) + Math.sin(index / 3.1) * 0.25;
}

function curve(bars: number): Evaluation['equity'] {
  let peak = 1;
  return Array.from({ length: bars }, (_, index) => {
    const strategy = 1 + index * 0.0003 + wave(index) * 0.018;
    peak = Math.max(peak, strategy);
    return { time: new Date(Date.parse('2015-05-11T00:00:00Z') + index * DAY).toISOString(), strategy, benchmark: 1 + index * 0.0001 + wave(index + 40) * 0.012, drawdown: strategy / peak - 1 };
  });
}

export const evaluation: Evaluation = {
  verdict: 'not_distinguishable',
  tradable: true,
  start: '2015-05-11T00:00:00Z',
  end: '2017-09-01T00:00:00Z',
  embargo_bars: 6,
  bars: 594,
  total_return: 0.1874,
  annual_return: 0.0757,
  annual_volatility: 0.1123,
  sharpe: 0.71,
  sharpe_standard_error: 0.65,
  sharpe_interval_95: { low: -0.57, high: 1.98 },
  probabilistic_sharpe: 0.86,
  max_drawdown: -0.0812,
  turnover_per_bar: 0.31,
  cost_bps: 5,
  total_cost: 0.0921,
  benchmark_total_return: 0.0412,
  benchmark_sharpe: 0.2,
  forecast_r2: { X1: 0.021, X4: 0.014, X2: 0.008, X5: -0.003 },
  equity: curve(594),
};

export function result(change: Partial<Result> = {}): Result {
  return {
    job_id: KNOWN_JOB,
    result_id: '4f2a9c0d6b1e8f7730a1b2c3d4e5f607',
    spec,
    seed: 1,
    data_hash: 'd1c0ffee5f0a4b7c9e2d8a6b3c4f1e0099aa88bb77cc66dd55ee44ff33221100',
    code_version: '0.1.0+6e69b9c',
    engine_version: 'idtxl-1',
    created_at: '2026-11-22T12:00:14Z',
    processing_time_ms: 12840,
    symbols: KNOWN,
    excluded: [],
    samples: 1390,
    links: LINKS,
    targets_tested: 10,
    evaluation,
    signal: ['X1', 'X4', 'X2'].map((symbol, index) => ({ symbol, weight: [0.4, -0.35, 0.25][index] ?? 0, forecast: 0.001, time: '2017-09-01T00:00:00Z' })),
    warnings: [],
    truth: [
      { source: 'X0', target: 'X1', lag_bars: 1 },
      { source: 'X0', target: 'X4', lag_bars: 2 },
      { source: 'X3', target: 'X2', lag_bars: 4 },
      { source: 'X7', target: 'X5', lag_bars: 4 },
      { source: 'X6', target: 'X8', lag_bars: 2 },
      { source: 'X2', target: 'X9', lag_bars: 3 },
    ],
    ...change,
  };
}

export const emptyResult: Result = result({
  job_id: EMPTY_JOB,
  spec: { ...spec, symbols: [...STOCKS, 'FB'] },
  symbols: STOCKS,
  links: [],
  truth: null,
  signal: [],
  targets_tested: 4,
  samples: 2230,
  excluded: [{ symbol: 'FB', reason: 'Its history starts on 2012-05-18: 196 bars where the others have 3270. Keeping it would have shortened the overlap.' }],
  warnings: ['2 sessions are missing in AAPL and were left out for all series.'],
  evaluation: { ...evaluation, verdict: 'no_links', tradable: false, bars: 0, equity: [], sharpe: null, sharpe_interval_95: null, sharpe_standard_error: null, probabilistic_sharpe: null, forecast_r2: {}, total_return: 0, total_cost: 0 },
});

export const account: Account = { id: ACCOUNT_ID, broker: 'paper', name: 'Paper account', currency: 'USD', state: 'active', state_reason: '', gateway_alive: true };

export const positions: Position[] = [
  { symbol: 'AAPL', quantity: '120', average_cost: '431.12', mark: '437.87', market_value: '52544.4', unrealised_pnl: '810', realised_pnl: '0', fees: '1.2', weight: 0.5235, updated_at: '2026-11-22T12:05:00Z' },
  { symbol: 'IBM', quantity: '-40', average_cost: '201.5', mark: '202.91', market_value: '-8116.4', unrealised_pnl: '-56.4', realised_pnl: '214.35', fees: '2.4', weight: -0.0809, updated_at: '2026-11-22T12:05:00Z' },
  { symbol: 'MSFT', quantity: '0', average_cost: '0', mark: '27.95', market_value: '0', unrealised_pnl: '0', realised_pnl: '-18.2', fees: '0.8', weight: 0, updated_at: '2026-11-22T12:03:00Z' },
];

export const summary: Summary = {
  account,
  cash: '55945.35',
  reserved: '4310',
  buying_power: '51635.35',
  positions_value: '44428',
  equity: '100373.35',
  gross_exposure: '60660.8',
  net_exposure: '44428',
  day_pnl: '373.35',
  unrealised_pnl: '753.6',
  realised_pnl: '196.15',
  fees: '4.4',
  drawdown: 0.0042,
  market_time: '2013-02-21T16:20:00Z',
};

export function order(change: Partial<Order> = {}): Order {
  return {
    id: ORDER_ID,
    account_id: ACCOUNT_ID,
    client_order_id: 'web-5f1d2c',
    symbol: 'AAPL',
    side: 'buy',
    quantity: '10',
    order_type: 'limit',
    time_in_force: 'day',
    limit_price: '431',
    job_id: null,
    status: 'new',
    filled_quantity: '0',
    average_fill_price: null,
    reason: '',
    checks: [],
    submitted_at: '2026-11-22T12:04:00Z',
    submitted_market_time: '2013-02-21T15:58:00Z',
    updated_at: '2026-11-22T12:04:01Z',
    ...change,
  };
}

export function orderDetail(base: Order): OrderDetail {
  const at = (second: number): string => new Date(Date.parse(base.submitted_at) + second * 1000).toISOString();
  return {
    ...base,
    events: [
      { seq: 1, order_id: base.id, kind: 'submitted', status_after: 'pending_new', payload: {}, wall_time: at(0), market_time: base.submitted_market_time },
      { seq: 2, order_id: base.id, kind: 'sent', status_after: 'pending_new', payload: {}, wall_time: at(0.2), market_time: base.submitted_market_time },
      { seq: 3, order_id: base.id, kind: 'accepted', status_after: 'new', payload: { broker_order_id: 'P-1041' }, wall_time: at(0.4), market_time: base.submitted_market_time },
    ],
  };
}

export function quote(symbol: string, change: Partial<Quote> = {}): Quote {
  return { symbol, bid: '431.1', ask: '431.16', last: '431.12', volume: '182000', market_time: '2013-02-21T16:20:00Z', received_at: '2026-11-22T12:05:00Z', source: 'replay', ...change };
}

export const execution: Execution = { execution_id: 'P-1', order_id: ORDER_ID, symbol: 'AAPL', side: 'buy', quantity: '120', price: '431.12', fee: '1.2', market_time: '2013-02-21T15:58:00Z', wall_time: '2026-11-22T12:04:00Z' };
