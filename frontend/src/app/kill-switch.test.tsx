import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { expectAccessible } from '@/testing/axe';
import { dialogsAreLoaded } from '@/testing/dialogs';
import { account } from '@/testing/fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { KillSwitch } from './kill-switch';
import { MarketStrip } from './market-strip';

dialogsAreLoaded();

let sent: unknown[] = [];

beforeEach(() => {
  sent = [];
  server.use(
    http.get(`${API}/data/clock`, () => HttpResponse.json({ mode: 'closed', market_time: null, speed: 1, updated_at: '2026-11-22T12:00:00Z' })),
    http.post(`${API}/orders/trading-state`, async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ account_id: account.id, state: 'halted', reason: '', cancels_requested: 0 });
    }),
  );
});

async function halt(): Promise<void> {
  await userEvent.click(screen.getByRole('button', { name: /^Halt\s*trading$/ }));
  await userEvent.type(await screen.findByLabelText('Reason'), 'a drill');
  await userEvent.click(screen.getByRole('button', { name: 'Halt trading now' }));
  await waitFor(() => expect(sent).toHaveLength(1));
}

describe('while the accounts cannot be read', () => {
  beforeEach(() => server.use(http.get(`${API}/portfolio/accounts`, () => HttpResponse.json({ error: { code: 'unavailable', message: 'no database' } }, { status: 503 }))));

  test('trading is halted all the same, on the only account', async () => {
    renderPage(<KillSwitch />);
    await halt();
    expect(sent).toEqual([{ state: 'halted', reason: 'a drill', account_id: null }]);
  });

  test('which money is at stake is said to be unknown', async () => {
    renderPage(<MarketStrip />);
    expect(await screen.findByText('Account unknown')).toHaveAttribute('title', expect.stringMatching(/paper or real money$/));
    await expectAccessible(document.body);
  });
});

test('trading is halted on each account that is known', async () => {
  server.use(http.get(`${API}/portfolio/accounts`, () => HttpResponse.json([account])));
  const { cache } = renderPage(<KillSwitch />);
  await waitFor(() => expect(cache.getQueryData(['portfolio', 'accounts'])).toBeDefined());
  await halt();
  expect(sent).toEqual([{ state: 'halted', reason: 'a drill', account_id: account.id }]);
});

test('who may not trade has no switch', () => {
  renderPage(<KillSwitch />, { role: 'viewer' });
  expect(screen.queryByRole('button')).not.toBeInTheDocument();
});
