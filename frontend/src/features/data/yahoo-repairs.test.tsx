import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FetchDetail } from '@/api/types';
import { expectAccessible } from '@/testing/axe';
import { coverage, symbols } from '@/testing/fixtures';
import { facts, fetchDetail, ingestion, quarantined, repair, report } from '@/testing/quality-fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import DataPage from './data-page';

/** How often a look under way is asked about. */
const BEAT_MS = 2_000;
const page = (items: readonly unknown[]) => HttpResponse.json({ items, next_cursor: null });

beforeEach(() => {
  server.use(
    http.get(`${API}/data/symbols`, () => page(symbols)),
    http.get(`${API}/data/symbols/:symbol`, ({ params }) => HttpResponse.json(facts({ symbol: String(params['symbol']) }))),
    http.get(`${API}/data/coverage`, ({ request }) => HttpResponse.json((new URL(request.url).searchParams.get('symbols') ?? '').split(',').map(coverage))),
    http.get(`${API}/data/quality/:symbol`, () => HttpResponse.json(report())),
    http.get(`${API}/data/repairs`, () => page([repair()])),
    http.get(`${API}/data/quarantine`, () => page(quarantined)),
    http.get(`${API}/data/fetches`, () => page([])),
    http.get(`${API}/data/ingestions`, () => page([ingestion()])),
  );
});

afterEach(() => void vi.useRealTimers());

describe('repairs of Yahoo', () => {
  test('Yahoo is asked about everything that is stored, and its proposals come when the look is over', async () => {
    const asked: unknown[] = [];
    let state: 'running' | 'succeeded' = 'running';
    const job = (): FetchDetail => {
      const [symbol] = fetchDetail().symbols;
      const message = 'already stored: bars of 105 days; yfinance 1.7.0 would repair 1 bar; 1 new repair proposed';
      return fetchDetail({ state, message: 'AAPL: yfinance 1.7.0 looks for what it would repair', symbols: symbol ? [{ ...symbol, message }] : [] });
    };
    server.use(
      http.get(`${API}/data/coverage/AAPL`, () => HttpResponse.json({ symbol: 'AAPL', bar_size: '1d', start: '2000-03-01T00:00:00Z', end: '2013-03-02T00:00:00Z', bars: 1, missing_sessions: 0, gaps: [] })),
      http.post(`${API}/data/fetches`, async ({ request }) => {
        asked.push(await request.json());
        return HttpResponse.json(job(), { status: 202 });
      }),
      http.get(`${API}/data/fetches/:id`, () => HttpResponse.json(job())),
      http.get(`${API}/data/repairs`, () => page(state === 'running' ? [] : [repair({ code: 'provider_repair', found: null })])),
    );
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const user = userEvent.setup({ delay: null });
    renderPage(<DataPage />, { at: '/data?symbol=AAPL', role: 'analyst' });
    expect(await screen.findByText('No repair is proposed')).toBeInTheDocument();
    await user.selectOptions(screen.getByLabelText('Whose repairs'), 'Yahoo’s repair');
    await user.click(screen.getByRole('button', { name: 'Look for repairs' }));
    expect(await screen.findByText('AAPL: yfinance 1.7.0 looks for what it would repair')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Cancel the look' })).toBeInTheDocument();
    expect(asked).toMatchObject([{ symbols: ['AAPL'], bar_size: '1d', start: '2000-03-01T00:00:00Z', providers: ['yahoo'], repairs: 'only' }]);
    state = 'succeeded';
    await vi.advanceTimersByTimeAsync(BEAT_MS);
    expect(await screen.findByText(/1 new repair proposed/)).toBeInTheDocument();
    const row = await screen.findByRole('row', { name: /Provider repair/ });
    expect(row).toHaveTextContent('Provider repair–347.23');
    await expectAccessible(document.body);
  });

  test('a look at Yahoo can be cancelled', async () => {
    const ordered: unknown[] = [];
    const job = () => HttpResponse.json(fetchDetail({ state: ordered.length ? 'cancelled' : 'running', message: ordered.length ? 'cancelled after 0 of 1 symbol' : 'fetching' }));
    server.use(
      http.get(`${API}/data/coverage/AAPL`, () => HttpResponse.json({ symbol: 'AAPL', bar_size: '1d', start: '2000-03-01T00:00:00Z', end: '2013-03-02T00:00:00Z', bars: 1, missing_sessions: 0, gaps: [] })),
      http.post(`${API}/data/fetches`, job),
      http.get(`${API}/data/fetches/:id`, job),
      http.post(`${API}/data/fetches/:id/:command`, ({ params }) => {
        ordered.push(params['command']);
        return job();
      }),
    );
    renderPage(<DataPage />, { at: '/data?symbol=AAPL', role: 'analyst' });
    await userEvent.selectOptions(await screen.findByLabelText('Whose repairs'), 'Yahoo’s repair');
    await waitFor(() => expect(screen.getByRole('button', { name: 'Look for repairs' })).toBeEnabled());
    await userEvent.click(screen.getByRole('button', { name: 'Look for repairs' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel the look' }));
    expect(await screen.findByText('cancelled after 0 of 1 symbol')).toBeInTheDocument();
    expect(ordered).toEqual(['cancel']);
  });
});
