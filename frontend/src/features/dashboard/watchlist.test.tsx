import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keys } from '@/api/keys';
import type { MarketClock, MarketSymbol, TradingNow, TradingStatus } from '@/api/types';
import { setPreferences } from '@/lib/preferences';
import { expectAccessible } from '@/testing/axe';
import { me, quote, symbols } from '@/testing/fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { Watchlist } from './watchlist';

const stored = symbols.filter(({ symbol }) => ['AAPL', 'IBM', 'MSFT'].includes(symbol));
const SPY: MarketSymbol = { symbol: 'SPY', instrument_id: 99, name: 'SPDR S&P 500 ETF', exchange: 'XNYS', asset_class: 'etf', currency: 'USD', time_zone: 'America/New_York', bar_sizes: ['1m', '1s'] };
const LIVE: MarketClock = { mode: 'live', market_time: '2026-11-27T16:00:00Z', speed: 1, updated_at: '2026-11-27T16:00:00Z' };
const ENDS: Readonly<Record<string, string>> = { '1s': '2026-11-27T15:58:00Z', '1m': '2026-11-27T15:59:00Z', '1d': '2026-11-26T00:00:00Z' };
const CLOSES: Readonly<Record<string, number>> = { SPY: 681.25, AAPL: 277.5, IBM: 305, MSFT: 485.1 };
let clock: MarketClock = LIVE;
let asked: string[] = [];
let known: TradingNow[] = [];

beforeEach(() => {
  clock = LIVE;
  asked = [];
  known = [];
  setPreferences({ watchlists: {} });
  server.use(
    http.get(`${API}/data/clock`, () => HttpResponse.json(clock)),
    http.get(`${API}/orders/trading-now`, ({ request }) => {
      if (known.length) asked.push(`halts ${new URL(request.url).searchParams.get('symbols')}`);
      return HttpResponse.json(known);
    }),
    http.get(`${API}/data/symbols`, ({ request }) => {
      const text = new URL(request.url).searchParams.get('query') ?? '';
      return HttpResponse.json({ items: [...stored, SPY].filter((item) => item.symbol.startsWith(text.toUpperCase())), next_cursor: null });
    }),
    http.get(`${API}/data/coverage`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      const end = ENDS[query.get('bar_size') ?? ''] ?? '';
      asked.push(`coverage ${query.get('bar_size')} ${query.get('symbols')}`);
      return HttpResponse.json((query.get('symbols') ?? '').split(',').map((symbol) => ({ symbol, bar_size: query.get('bar_size'), start: end, end, bars: 1, expected_bars: null, missing_bars: null, quarantined: 0 })));
    }),
    http.get(`${API}/data/bars/several`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      const [symbols, time, size] = [query.get('symbols') ?? '', query.get('start'), query.get('bar_size')];
      asked.push(`bars ${size} ${symbols} from ${time} to ${query.get('end')}, ${query.get('limit')} ${query.get('adjustment')}`);
      const series = symbols.split(',').map((symbol) => ({ symbol, bars: [{ time, open: 680, high: 682, low: 679, close: CLOSES[symbol], volume: 10 }] }));
      return HttpResponse.json({ bar_size: size, adjustment: 'raw', series, next_cursor: null });
    }),
  );
});

const watched = (): (string | null)[] => within(screen.getByRole('list', { name: 'Watched symbols' })).getAllByRole('button').map((row) => row.querySelector('strong')?.textContent ?? null);
const show = () => renderPage(<Watchlist selected="AAPL" onSelect={vi.fn()} />);
const openEditor = async (): Promise<void> => userEvent.click(await screen.findByRole('button', { name: 'Edit' }));

describe('what is watched', () => {
  test('at first the first stored symbols, then what was chosen, after a reload too', async () => {
    const { unmount } = show();
    await screen.findByRole('list', { name: 'Watched symbols' });
    const all = watched();
    await openEditor();
    await userEvent.click(screen.getByRole('button', { name: `Stop watching ${all[0]}` }));
    await userEvent.click(screen.getByRole('button', { name: `Move ${all[2]} up` }));
    expect(screen.getByText(`${all[2]} is number 1 of 3`)).toBeInTheDocument();
    await expectAccessible(document.body);
    await userEvent.click(screen.getByRole('button', { name: 'Done' }));
    expect(watched()).toEqual([all[2], all[1], all[3]]);
    unmount();
    show();
    await screen.findByRole('list', { name: 'Watched symbols' });
    expect(watched()).toEqual([all[2], all[1], all[3]]);
  });

  test('a symbol is found and added', async () => {
    setPreferences({ watchlists: { [me.user.id]: ['AAPL'] } });
    show();
    await userEvent.type(await screen.findByRole('searchbox', { name: 'Find a symbol to watch' }), 'sp');
    await userEvent.click(await screen.findByRole('button', { name: 'Add SPY' }));
    expect(watched()).toEqual(['AAPL', 'SPY']);
    expect(screen.getByText('Watched')).toBeInTheDocument();
  });

  test('what does not exist is said', async () => {
    show();
    await userEvent.type(await screen.findByRole('searchbox'), 'zz');
    expect(await screen.findByText('No stored symbol or name holds “zz”.')).toBeInTheDocument();
  });

  test('another user’s list is another one', async () => {
    setPreferences({ watchlists: { 'somebody else': ['MSFT'] } });
    show();
    await screen.findByRole('list', { name: 'Watched symbols' });
    expect(watched()).toContain('IBM');
  });

  test('a list can be emptied and begun anew', async () => {
    setPreferences({ watchlists: { [me.user.id]: [] } });
    show();
    expect(await screen.findByText('Nothing is watched')).toBeInTheDocument();
    await openEditor();
    await userEvent.click(screen.getByRole('button', { name: 'Back to the first stored symbols' }));
    await userEvent.click(screen.getByRole('button', { name: 'Done' }));
    expect(watched()).toContain('AAPL');
  });

  test('a failure is said, and can be tried again', async () => {
    server.use(http.get(`${API}/data/symbols`, () => HttpResponse.json({ error: { code: 'internal', message: 'no database' } }, { status: 500 }), { once: true }));
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('list', { name: 'Watched symbols' })).toBeInTheDocument();
  });
});

describe('a row', () => {
  // A row waits a while for a quote.
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 200 }));
  afterEach(() => void vi.useRealTimers());

  test('where the feed may have missed a halt, the badge says so; one request asks about every row', async () => {
    const situation = 'Whether IBM is halted is not known: the feed’s connection is lost.';
    known = [{ symbol: 'AAPL', trading: 'goes_on', situation: '' }, { symbol: 'IBM', trading: 'unknown', situation }];
    setPreferences({ watchlists: { [me.user.id]: ['AAPL', 'IBM'] } });
    const { cache } = show();
    await screen.findByRole('list', { name: 'Watched symbols' });
    await waitFor(() => expect(asked).toEqual(['halts AAPL,IBM']));
    expect(screen.queryByText('Halt unknown')).not.toBeInTheDocument(); // nobody quotes it
    for (const symbol of ['AAPL', 'IBM']) cache.setQueryData(keys.quote(symbol), quote(symbol));
    expect(await screen.findByText('Halt unknown')).toHaveAttribute('title', situation);
    expect(within(screen.getByRole('button', { name: /^AAPL/ })).queryByText(/Halt/)).not.toBeInTheDocument();
    expect(asked).toEqual(['halts AAPL,IBM']);
  });

  test('a halt and an old quote have their badges', async () => {
    const { cache } = show();
    await screen.findByRole('list', { name: 'Watched symbols' });
    const halt: TradingStatus = { symbol: 'AAPL', halted: true, code: 'T1', reason: 'News pending', status_time: null, lower: null, upper: null, bands_time: null, received_at: LIVE.updated_at, source: 'alpaca' };
    cache.setQueryData(keys.tradingState('AAPL'), halt);
    cache.setQueryData(keys.quote('AAPL'), quote('AAPL', { market_time: '2026-11-27T15:59:29Z' }));
    cache.setQueryData(keys.quote('IBM'), quote('IBM', { market_time: '2026-11-27T15:59:31Z' }));
    const row = screen.getByRole('button', { name: /^AAPL/ });
    await waitFor(() => expect(within(row).getByText('Halted')).toHaveAttribute('title', 'News pending'));
    expect(within(row).getByText('Stale')).toBeInTheDocument();
    const fresh = screen.getByRole('button', { name: /^IBM/ });
    expect(within(fresh).queryByText('Stale')).not.toBeInTheDocument();
    expect(within(fresh).queryByText('Halted')).not.toBeInTheDocument();
  });

  test('without a quote it has the last stored price, of whatever bar size; rows are asked for together', async () => {
    setPreferences({ watchlists: { [me.user.id]: ['SPY', 'AAPL', 'MSFT'] } });
    show();
    expect(await screen.findAllByText('No quote')).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await screen.findByText('681.25')).toBeInTheDocument();
    expect(screen.getByText('Close, 2026-11-27 15:59 UTC')).toBeInTheDocument();
    expect(screen.getByText('277.50')).toBeInTheDocument();
    expect(screen.getAllByText('Close, 2026-11-26')).toHaveLength(2);
    expect(asked.toSorted()).toEqual([
      'bars 1d AAPL,MSFT from 2026-11-26T00:00:00Z to 2026-11-26T00:00:01.000Z, 2 raw',
      'bars 1m SPY from 2026-11-27T15:59:00Z to 2026-11-27T15:59:01.000Z, 1 raw',
      'coverage 1d AAPL,MSFT',
      'coverage 1m SPY',
      'coverage 1s SPY',
    ]);
  });

  test('in a replay, of which stored bars may be the future, it says that there is no quote', async () => {
    clock = { ...LIVE, mode: 'replay' };
    setPreferences({ watchlists: { [me.user.id]: ['SPY'] } });
    show();
    expect(await screen.findByText('No quote')).toBeInTheDocument();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(screen.getByText('No quote')).toBeInTheDocument();
    expect(asked).toEqual([]);
  });
});
