import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { expect, test } from 'vitest';
import { ingestion } from '@/testing/quality-fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { IngestionsPanel } from './ingestions-panel';

test('what a fetch brought says how the fetch ended, and why', async () => {
  const error = { code: 'partly', message: '1 of 3 symbols failed: yahoo does not know NOPE' };
  const items = [ingestion({ filename: 'fetch a1678832-290a-40c3-87f1-ab339272179a', source: 'yahoo', error }), ingestion({ id: 'other' })];
  server.use(http.get(`${API}/data/ingestions`, () => HttpResponse.json({ items, next_cursor: null })));
  renderPage(<IngestionsPanel />);
  const table = await screen.findByRole('table', { name: 'Ingestions' });
  const row = within(table).getByRole('row', { name: /Fetch a1678832/ });
  expect(within(row).getByText('Partly')).toBeInTheDocument();
  expect(row).toHaveTextContent('1 of 3 symbols failed: yahoo does not know NOPE; Spike 2');
  expect(within(within(table).getByRole('row', { name: /daily-2000/ })).getByText('Done')).toBeInTheDocument();
});
