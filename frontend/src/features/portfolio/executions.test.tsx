import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { afterEach, expect, test } from 'vitest';
import { setPreferences } from '@/lib/preferences';
import { execution, symbols } from '@/testing/fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { Executions } from './executions';

afterEach(() => setPreferences({ zone: 'utc' }));

test('each execution is shown in the time of its own exchange, and the zone is named', async () => {
  const items = [['AAPL', 'America/New_York'], ['7203.T', 'Asia/Tokyo'], ['VOD.L', 'Europe/London']] as const;
  server.use(
    http.get(`${API}/data/symbols`, () => HttpResponse.json({ items: items.map(([symbol, time_zone]) => ({ ...symbols[0], symbol, time_zone })), next_cursor: null })),
    http.get(`${API}/portfolio/executions`, () =>
      HttpResponse.json({ items: [...items, ['GONE']].map(([symbol]) => ({ ...execution, execution_id: symbol, symbol, market_time: '2013-07-22T14:58:00Z' })), next_cursor: null }),
    ),
  );
  setPreferences({ zone: 'exchange' });
  renderPage(<Executions />);
  const table = await screen.findByRole('table', { name: 'Executions' });
  const row = (symbol: string): HTMLElement => within(table).getByRole('row', { name: new RegExp(symbol.replace('.', '\\.')) });
  // Offsets in July: New York UTC-4, Tokyo UTC+9, London UTC+1 (IANA's tz database).
  await within(row('AAPL')).findByText('2013-07-22 10:58:00 EDT');
  expect(row('7203.T')).toHaveTextContent('2013-07-22 23:58:00 GMT+9');
  expect(row('VOD.L')).toHaveTextContent('2013-07-22 15:58:00 GMT+1');
  expect(row('GONE')).toHaveTextContent('2013-07-22 14:58:00 UTC');
});
