import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '@/api/types';
import { AlertBell } from '@/app/alert-bell';
import { alert, alerts } from '@/testing/alert-fixtures';
import { expectAccessible } from '@/testing/axe';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import AlertsPage from './alerts-page';

let stored: Alert[] = [];
let asked: string[] = [];

beforeEach(() => {
  stored = alerts();
  asked = [];
  const see = (seen: (item: Alert) => boolean): void => {
    stored = stored.map((item) => (seen(item) ? { ...item, acknowledged: true } : item));
  };
  server.use(
    http.get(`${API}/alerts`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query.toString());
      const fits = (item: Alert): boolean => (query.get('unseen') !== 'true' || !item.acknowledged) && (!query.get('severity') || item.severity === query.get('severity'));
      const after = stored.filter(fits).filter((item) => item.id < Number(query.get('cursor') ?? 99));
      const limit = Number(query.get('limit'));
      return HttpResponse.json({ items: after.slice(0, limit), next_cursor: after.length > limit ? String(after[limit - 1]?.id) : null, unseen: stored.filter((item) => !item.acknowledged).length });
    }),
    http.post(`${API}/alerts/:id/acknowledge`, ({ params }) => {
      see((item) => item.id === Number(params['id']));
      return HttpResponse.json(stored.find((item) => item.id === Number(params['id'])));
    }),
    http.post(`${API}/alerts/acknowledge`, async ({ request }) => {
      const { id } = (await request.json()) as { id: number };
      see((item) => item.id <= id);
      return HttpResponse.json({ acknowledged: 2, unseen: 0 });
    }),
  );
});

const both = (
  <>
    <AlertBell />
    <AlertsPage />
  </>
);

describe('alerts', () => {
  test('come newest first with severity in words, and the bell counts the unseen ones', async () => {
    renderPage(both, { at: '/alerts' });
    const table = await screen.findByRole('table', { name: 'Alerts' });
    const rows = within(table).getAllByRole('row').slice(1);
    expect(rows.map((row) => within(row).getAllByRole('cell')[1]?.textContent)).toEqual(['Warning', 'Warning', 'Critical']);
    expect(rows[2]).toHaveTextContent('iqfeed has been disconnected since 14:30:00 UTC');
    expect(await screen.findByRole('link', { name: 'Alerts, 2 unseen' })).toHaveTextContent('2');
    await expectAccessible(document.body);
  });

  test('one is marked as seen, and the bell counts down', async () => {
    renderPage(both, { at: '/alerts' });
    await userEvent.click(await screen.findByRole('button', { name: /^Mark as seen: iqfeed/ }));
    expect(await screen.findByRole('link', { name: 'Alerts, 1 unseen' })).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /^Mark as seen: iqfeed/ })).not.toBeInTheDocument();
  });

  test('one that is over by itself says so and asks for nothing', async () => {
    stored = [alert({ resolved_at: '2026-11-22T14:40:00Z' })];
    renderPage(<AlertsPage />, { at: '/alerts' });
    const row = (await screen.findAllByRole('row')).at(-1);
    expect(row).toHaveTextContent(/Resolved$/);
    expect(screen.queryByRole('button', { name: /^Mark as seen/ })).not.toBeInTheDocument();
  });

  test('all are marked at once; those that came meanwhile are not', async () => {
    renderPage(both, { at: '/alerts' });
    const all = await screen.findByRole('button', { name: 'Mark all as seen' });
    stored = [alert({ id: 4, text: 'came meanwhile' }), ...stored];
    await userEvent.click(all);
    expect(await screen.findByRole('button', { name: 'Mark as seen: came meanwhile' })).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Alerts, 1 unseen' })).toBeInTheDocument();
  });

  test('what is shown is asked of the server and kept in the address', async () => {
    renderPage(<AlertsPage />, { at: '/alerts' });
    await screen.findByRole('table', { name: 'Alerts' });
    await userEvent.click(screen.getByRole('checkbox', { name: 'Unseen only' }));
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Severity' }), 'critical');
    await waitFor(() => expect(asked.at(-1)).toContain('unseen=true&severity=critical'));
    expect(await screen.findAllByRole('row')).toHaveLength(2);
    expect(screen.getByLabelText('address')).toHaveTextContent('/alerts?unseen=1&severity=critical');
  });

  test('older ones are a click away', async () => {
    stored = Array.from({ length: 60 }, (_, index) => alert({ id: 60 - index, text: `number ${60 - index}` }));
    renderPage(<AlertsPage />, { at: '/alerts' });
    await userEvent.click(await screen.findByRole('button', { name: 'Show older alerts' }));
    expect(await screen.findByRole('button', { name: 'Mark as seen: number 1' })).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Show older alerts' })).not.toBeInTheDocument();
  });

  test('none is a state of its own, and a failure can be tried again', async () => {
    stored = [];
    const { unmount } = renderPage(<AlertsPage />, { at: '/alerts' });
    expect(await screen.findByText('No alert yet')).toBeInTheDocument();
    unmount();
    server.use(http.get(`${API}/alerts`, () => HttpResponse.json({ error: { code: 'unavailable', message: 'The database did not answer.' } }, { status: 503 }), { once: true }));
    renderPage(<AlertsPage />, { at: '/alerts' });
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('No alert yet')).toBeInTheDocument();
  });
});
