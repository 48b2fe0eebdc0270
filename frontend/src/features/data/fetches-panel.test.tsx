import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, test } from 'vitest';
import type { Fetch } from '@/api/types';
import { fetchDetail, fetchJob } from '@/testing/quality-fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { canRetry, named, pace } from './fetch-state';
import { FetchesPanel } from './fetches-panel';

const RUNNING = fetchJob({ id: 'running', name: 'Minutes', state: 'running', progress: 0.25, rows_per_s: 5210.4, eta_s: 75, symbols_done: 1, symbols_total: 4 });

function serve(fetches: readonly Fetch[]): string[] {
  const ordered: string[] = [];
  server.use(
    http.get(`${API}/data/fetches`, () => HttpResponse.json({ items: fetches, next_cursor: null })),
    http.post(`${API}/data/fetches/:id/:command`, ({ params }) => {
      ordered.push(`${String(params['id'])} ${String(params['command'])}`);
      return HttpResponse.json(fetches[0], { status: 202 });
    }),
  );
  return ordered;
}

test('a running fetch shows how far it is, how fast, and can be cancelled', async () => {
  const ordered = serve([RUNNING]);
  renderPage(<FetchesPanel />);
  const row = await screen.findByRole('row', { name: /Minutes/ });
  expect(within(row).getByRole('progressbar', { name: 'Progress of Minutes' })).toHaveAttribute('aria-valuenow', '25');
  expect(row).toHaveTextContent('5,210 rows/s, 1 min 15 s left');
  expect(row).toHaveTextContent('1 / 4');
  await userEvent.click(within(row).getByRole('button', { name: 'Cancel the fetch Minutes' }));
  expect(ordered).toEqual(['running cancel']);
});

test('what failed can be tried again, what succeeded cannot', async () => {
  const ordered = serve([fetchJob({ id: 'part', name: 'Part', state: 'failed', symbols_failed: 2 }), fetchJob()]);
  renderPage(<FetchesPanel />);
  await userEvent.click(await screen.findByRole('button', { name: 'Try again the rest of Part' }));
  expect(ordered).toEqual(['part retry']);
  expect(screen.getAllByRole('button', { name: /^Try again/ })).toHaveLength(1);
});

test('a row names its symbols and, once opened, why one failed', async () => {
  const part = fetchDetail({ id: 'part', name: 'Part' });
  const read: string[] = [];
  serve([part]);
  server.use(http.get(`${API}/data/fetches/:id`, ({ params }) => {
    read.push(String(params['id']));
    return HttpResponse.json(part);
  }));
  renderPage(<FetchesPanel />);
  const button = await screen.findByRole('button', { name: 'AAPL, NOPE: symbols of the fetch Part' });
  expect(button).toHaveAttribute('aria-expanded', 'false');
  expect(read).toEqual([]);
  await userEvent.click(button);
  expect(button).toHaveAttribute('aria-expanded', 'true');
  const list = await screen.findByRole('list', { name: 'Symbols of Part' });
  expect(within(list).getAllByRole('listitem').map((item) => item.textContent)).toEqual(['NOPE Failed yahoo does not know NOPE', 'AAPL Succeeded stored 3,270 bars from yahoo, 2000-03-01 to 2013-02-28']);
  expect(read).toEqual(['part']);
  await userEvent.click(button);
  expect(list).not.toBeInTheDocument();
});

test('a viewer looks on', async () => {
  serve([RUNNING]);
  renderPage(<FetchesPanel />, { role: 'viewer' });
  expect(await screen.findByRole('progressbar')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /^(Cancel|Try again)/ })).not.toBeInTheDocument();
});

test('symbols beyond the first ones are counted', () => {
  expect(named({ first_symbols: ['AAPL', 'MSFT'], symbols_total: 2 })).toBe('AAPL, MSFT');
  expect(named({ first_symbols: ['AAPL', 'MSFT', 'IBM', 'GOOG'], symbols_total: 1_504 })).toBe('AAPL, MSFT, IBM, GOOG +1,500');
});

test('what is not known is not said', () => {
  expect(pace({ rows_per_s: null, eta_s: null })).toBe('waiting for the first page');
  expect(pace({ rows_per_s: 12, eta_s: null })).toBe('12 rows/s');
  expect(canRetry({ state: 'succeeded', symbols_failed: 0 })).toBe(false);
  expect(canRetry({ state: 'succeeded', symbols_failed: 1 })).toBe(true);
});
