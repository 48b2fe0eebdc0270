import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeAll, expect, test } from 'vitest';
import { dialogsAreLoaded } from '@/testing/dialogs';
import { repair, REPAIR_ID } from '@/testing/quality-fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { RepairsPanel } from './repairs-panel';
import type { DataView } from './use-data-view';

dialogsAreLoaded();

const view: DataView = { symbol: 'ABDP', select: () => undefined, barSize: '1d', sizes: ['1d'], setBarSize: () => undefined, against: '', setAgainst: () => undefined };

beforeAll(() => import('@/components/dialog-base'));

const listed = (rows: () => readonly unknown[]) => http.get(`${API}/data/repairs`, () => HttpResponse.json({ items: rows(), next_cursor: null }));

test.each([
  ['0.0233', '0.0233'],
  [null, 'taken out'],
])('a dividend is shown by its amount and taken to %s', async (value, shown) => {
  const decided: unknown[] = [];
  const dividend = repair({ symbol: 'ABDP', kind: 'dividend', bar_size: null, time: '2024-05-02T00:00:00Z', code: 'dividend_unit', found: { value: '2.33' }, proposed: { value } });
  server.use(
    listed(() => (decided.length ? [] : [dividend])),
    http.post(`${API}/data/repairs/:id/:verdict`, async ({ params, request }) => {
      decided.push([params['id'], params['verdict'], await request.json()]);
      return HttpResponse.json({ id: params['id'], state: 'accepted' });
    }),
  );
  renderPage(<RepairsPanel view={view} />, { at: '/data', role: 'analyst' });
  const row = await screen.findByRole('row', { name: /2024-05-02 · dividend/ });
  expect(row).toHaveTextContent(`Dividend unit2.33${shown}`);
  await userEvent.click(within(row).getByRole('button', { name: 'Accept the repair of dividend of 2024-05-02' }));
  const dialog = await screen.findByRole('dialog', { name: 'Repair this dividend?' });
  expect(dialog).toHaveTextContent('ABDP, dividend of 2024-05-02');
  expect(within(dialog).getByRole('row', { name: /^dividend/ })).toHaveTextContent(`dividend2.33${shown}`);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Write the proposed dividend' }));
  expect(await screen.findByText('No repair is proposed')).toBeInTheDocument();
  expect(decided).toEqual([[REPAIR_ID, 'accept', { remark: '' }]]);
});

test('a viewer sees them and decides nothing', async () => {
  server.use(listed(() => [repair()]));
  renderPage(<RepairsPanel view={view} />, { at: '/data', role: 'viewer' });
  expect(await screen.findByRole('table', { name: 'Proposed repairs' })).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /repair/ })).not.toBeInTheDocument();
});

test('what the server says against it is shown in the dialog', async () => {
  server.use(listed(() => [repair()]));
  server.use(http.post(`${API}/data/repairs/:id/accept`, () => HttpResponse.json({ error: { code: 'conflict', message: 'The bar changed since.' } }, { status: 409 })));
  renderPage(<RepairsPanel view={view} />, { at: '/data', role: 'analyst' });
  await userEvent.click(await screen.findByRole('button', { name: 'Accept the repair of 2011-05-11' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Write the proposed bar' }));
  expect(await screen.findByText('The bar changed since.')).toBeInTheDocument();
});
