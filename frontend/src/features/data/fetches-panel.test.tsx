import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { expect, test } from 'vitest';
import type { Fetch } from '@/api/types';
import { fetchJob } from '@/testing/quality-fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { canRetry, pace } from './fetch-state';
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
  expect(screen.getAllByRole('button')).toHaveLength(1);
});

test('a viewer looks on', async () => {
  serve([RUNNING]);
  renderPage(<FetchesPanel />, { role: 'viewer' });
  expect(await screen.findByRole('progressbar')).toBeInTheDocument();
  expect(screen.queryByRole('button')).not.toBeInTheDocument();
});

test('what is not known is not said', () => {
  expect(pace({ rows_per_s: null, eta_s: null })).toBe('waiting for the first page');
  expect(pace({ rows_per_s: 12, eta_s: null })).toBe('12 rows/s');
  expect(canRetry({ state: 'succeeded', symbols_failed: 0 })).toBe(false);
  expect(canRetry({ state: 'succeeded', symbols_failed: 1 })).toBe(true);
});
