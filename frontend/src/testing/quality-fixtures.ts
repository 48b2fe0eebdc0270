/** Quality of a stored series for component tests and the mock server: made-up numbers in the shapes of openapi.json. */
import type { Exchange, Fetch, FetchDetail, FetchedSymbol, Ingestion, InstrumentFacts, Month, QualityReport, QuarantinedRow, Repair } from '../api/types.ts';

/** Thirteen years of months of 21 sessions; a few sessions, a whole month and most of another are missing. */
const MISSING: Readonly<Record<string, number>> = { '2001-09': 4, '2004-06': 1, '2008-02': 21, '2008-03': 14, '2012-10': 2 };

export const months: Month[] = Array.from({ length: 156 }, (_, index) => {
  const name = `${2000 + Math.floor((index + 2) / 12)}-${String(((index + 2) % 12) + 1).padStart(2, '0')}`;
  const missing = MISSING[name] ?? 0;
  return { month: name, sessions: 21, missing_sessions: missing, expected_bars: 21, missing_bars: missing };
});

export function facts(change: Partial<InstrumentFacts> = {}): InstrumentFacts {
  return { symbol: 'AAPL', instrument_id: 1, name: 'Apple', exchange: '', asset_class: 'equity', currency: 'USD', calendar: 'XNYS', time_zone: 'America/New_York', revision: 1, ...change };
}

export const exchanges: Exchange[] = [
  { mic: 'XLON', calendar: 'XLON' },
  { mic: 'XNAS', calendar: 'XNYS' },
  { mic: 'XNYS', calendar: 'XNYS' },
];

export function report(change: Partial<QualityReport> = {}): QualityReport {
  return {
    symbol: 'AAPL',
    bar_size: '1d',
    start: '2000-03-01T00:00:00Z',
    end: '2013-03-02T00:00:00Z',
    calendar: 'XNYS',
    bars: 3234,
    expected_bars: 3276,
    missing_bars: 42,
    bars_outside_sessions: 1,
    sessions: 3276,
    sessions_without_bars: 42,
    gaps: [
      { first: '2001-09-11T00:00:00Z', last: '2001-09-14T00:00:00Z', bars: 4, sessions: 4 },
      { first: '2004-06-11T00:00:00Z', last: '2004-06-11T00:00:00Z', bars: 1, sessions: 1 },
      { first: '2008-02-01T00:00:00Z', last: '2008-03-20T00:00:00Z', bars: 35, sessions: 35 },
      { first: '2012-10-29T00:00:00Z', last: '2012-10-30T00:00:00Z', bars: 2, sessions: 2 },
    ],
    gaps_left_off: 0,
    months,
    findings: [
      { code: 'unit_error', severity: 'error', rows: 2, first: '2011-05-11T00:00:00Z', last: '2011-05-12T00:00:00Z', at: ['2011-05-11T00:00:00Z', '2011-05-12T00:00:00Z'], example: 'prices are 100 times those before and after', ranges: [] },
      { code: 'stale_run', severity: 'warning', rows: 4, first: '2003-07-01T00:00:00Z', last: '2003-07-07T00:00:00Z', at: ['2003-07-01T00:00:00Z'], example: '5 bars in a row have the same four prices, with no volume', ranges: [] },
      { code: 'large_move', severity: 'warning', rows: 1, first: '2000-09-29T00:00:00Z', last: '2000-09-29T00:00:00Z', at: ['2000-09-29T00:00:00Z'], example: 'the close moved by -52 %, 14 usual days', ranges: [] },
    ],
    stale_runs: [],
    quarantined: { spike: 2, high_below_low: 1 },
    quarantined_rows: 3,
    sources: { upload: 3200, yahoo: 34 },
    compared: [],
    kept: {},
    ...change,
  };
}

export const REPAIR_ID = '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a3001';

export function repair(change: Partial<Repair> = {}): Repair {
  return {
    id: REPAIR_ID,
    symbol: 'AAPL',
    kind: 'bar',
    bar_size: '1d',
    time: '2011-05-11T00:00:00Z',
    code: 'unit_error',
    reason: 'prices are 100 times those before and after',
    found: { open: 34_902, high: 35_000, low: 34_463, close: 34_723, volume: 17_142_900 },
    proposed: { open: 349.02, high: 350, low: 344.63, close: 347.23, volume: 17_142_900 },
    state: 'proposed',
    remark: '',
    created_at: '2026-11-22T12:00:00Z',
    decided_at: null,
    in_quarantine: false,
    ...change,
  };
}

export const quarantined: QuarantinedRow[] = [
  {
    id: 7,
    ingestion_id: '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a4001',
    row_number: 1042,
    symbol: 'AAPL',
    bar_size: '1d',
    row_time: '2004-06-11',
    raw: { low: '30.5', date: '2004-06-11', high: '29.9', open: '30.2', close: '30.4', symbol: 'AAPL', volume: '120000' },
    reasons: [{ code: 'high_below_low', severity: 'error', message: 'high 29.9 is below low 30.5' }],
    created_at: '2026-11-22T11:58:00Z',
    repaired_at: null,
  },
];

export function ingestion(change: Partial<Ingestion> = {}): Ingestion {
  return {
    id: '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a4001',
    source: 'upload',
    filename: 'daily-2000-2013.csv.gz',
    bar_size: '1d',
    column_mapping: { symbol: 'symbol', time: 'date' },
    state: 'done',
    rows_read: 13_084,
    rows_inserted: 13_080,
    rows_updated: 0,
    rows_unchanged: 1,
    rows_quarantined: 3,
    notes: [],
    symbols_count: 4,
    findings: [{ code: 'spike', severity: 'error', rows: 2, example: 'the bar lies 40 % above both neighbours' }],
    error: null,
    created_at: '2026-11-22T11:58:00Z',
    finished_at: '2026-11-22T11:58:03Z',
    ...change,
  };
}

export function fetchJob(change: Partial<Fetch> = {}): Fetch {
  return {
    id: '0b5f7f6e-5a37-4c0e-9a55-6f0f0e6a5001',
    name: 'Four large stocks',
    spec: { bar_size: '1d', start: '2000-03-01T00:00:00Z', end: null, providers: ['yahoo'], extended_hours: false, asset_class: 'equity', replace: false, again: false, check_against: [], patient: false, repairs: 'none', exchange: '' },
    state: 'succeeded',
    message: '',
    schedule: '',
    session: null,
    retry_of: null,
    progress: 1,
    rows_per_s: null,
    eta_s: null,
    waits_until: null,
    first_symbols: ['AAPL', 'MSFT', 'IBM', 'GOOG'],
    symbols_total: 4,
    symbols_done: 4,
    symbols_failed: 0,
    rows_read: 13_084,
    rows_inserted: 13_080,
    rows_updated: 0,
    rows_unchanged: 1,
    rows_quarantined: 3,
    holes: 0,
    repairs: 0,
    created_at: '2026-11-22T11:40:00Z',
    started_at: '2026-11-22T11:40:01Z',
    finished_at: '2026-11-22T11:40:09Z',
    ...change,
  };
}

function fetchedSymbol(symbol: string, change: Partial<FetchedSymbol> = {}): FetchedSymbol {
  return {
    symbol,
    state: 'succeeded',
    resume: null,
    pages: 1,
    rows_read: 3_271,
    rows_inserted: 3_270,
    rows_updated: 0,
    rows_unchanged: 1,
    rows_quarantined: 0,
    holes: 0,
    actions: 0,
    repairs: 0,
    sources: ['yahoo'],
    outcome: 'stored',
    first_bar: '2000-03-01T00:00:00Z',
    last_bar: '2013-02-28T00:00:00Z',
    message: 'stored 3,270 bars from yahoo, 2000-03-01 to 2013-02-28',
    error: null,
    started_at: '2026-11-22T11:40:01Z',
    finished_at: '2026-11-22T11:40:09Z',
    ...change,
  };
}

/** A fetch of two symbols, of which the second is not known to the provider. */
export function fetchDetail(change: Partial<FetchDetail> = {}): FetchDetail {
  const failed = fetchedSymbol('NOPE', { state: 'failed', outcome: 'unknown', first_bar: null, last_bar: null, message: '', rows_read: 0, rows_inserted: 0, sources: [], error: { code: 'not_found', message: 'yahoo does not know NOPE' } });
  return { ...fetchJob({ state: 'partly', first_symbols: ['AAPL', 'NOPE'], symbols_total: 2, symbols_done: 1, symbols_failed: 1 }), symbols: [fetchedSymbol('AAPL'), failed], ...change };
}
