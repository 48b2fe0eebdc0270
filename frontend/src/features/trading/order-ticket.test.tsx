import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { keys } from '@/api/keys';
import type { OrderRequest, Preview, TradingStatus } from '@/api/types';
import { expectAccessible } from '@/testing/axe';
import { order, symbols } from '@/testing/fixtures';
import { renderPage } from '@/testing/render';
import { API, server } from '@/testing/server';
import { OrderTicket } from './order-ticket';

const preview: Preview = {
  allowed: true,
  notional: '4310',
  estimated_fee: '1.2',
  buying_power: '10000',
  buying_power_after: '5688.8',
  reference_price: '431',
  checks: [{ name: 'notional', passed: true, limit: '50000', found: '4310', message: '' }],
};

function open(role: 'trader' | 'viewer' = 'trader') {
  return renderPage(<OrderTicket symbol="AAPL" symbols={symbols} onSymbol={vi.fn()} />, { role });
}

async function fillAndPreview(): Promise<void> {
  await userEvent.type(screen.getByLabelText('Quantity'), '10');
  await userEvent.click(screen.getByRole('button', { name: 'Preview order' }));
  await screen.findByRole('region', { name: 'Preview' });
}

beforeEach(() => {
  server.use(
    http.get(`${API}/data/clock`, () => HttpResponse.json({ mode: 'replay', market_time: null, speed: 1, updated_at: '2026-11-22T12:00:00Z' })),
    http.post(`${API}/orders/preview`, () => HttpResponse.json(preview)),
  );
});

describe('the order ticket', () => {
  test.each([
    ['limit', ['Market orders are refused until it resumes.', /^Limit orders are taken and wait/]],
    ['none', ['Orders are refused until it resumes.']],
    ['all', ['Orders are taken and wait until it resumes.', /^A market order then takes whatever price there is/]],
  ] as const)('says that its symbol is halted, why, and what becomes of orders (%s)', async (allowed, lines) => {
    server.use(http.get(`${API}/orders/limits`, () => HttpResponse.json({ orders_in_halt: allowed })));
    const { cache, container } = open();
    expect(screen.queryByText(/is halted/)).not.toBeInTheDocument();
    const halt = { symbol: 'AAPL', halted: true, code: 'H', reason: 'News Pending' };
    act(() => cache.setQueryData<Partial<TradingStatus>>(keys.tradingState('AAPL'), halt));
    expect((await screen.findByText('Trading in AAPL is halted')).parentElement).toHaveTextContent('Trading in AAPL is halted: News Pending');
    for (const line of lines) expect(await screen.findByText(line)).toBeVisible();
    expect(screen.getAllByRole('listitem')).toHaveLength(lines.length);
    await expectAccessible(container);
  });

  test('says that a halt may have been missed, what was heard last, and what becomes of orders', async () => {
    const situation = 'Whether AAPL is halted is not known: the feed’s connection is lost.';
    let lost = true;
    server.use(
      http.get(`${API}/data/clock`, () => HttpResponse.json({ mode: 'live', market_time: null, speed: 1, updated_at: '2026-11-22T12:00:00Z' })),
      http.get(`${API}/orders/limits`, () => HttpResponse.json({ orders_in_halt: 'limit' })),
      http.get(`${API}/orders/trading-now`, ({ request }) => {
        expect(new URL(request.url).searchParams.get('symbols')).toBe('AAPL');
        return HttpResponse.json([lost ? { symbol: 'AAPL', trading: 'unknown', situation } : { symbol: 'AAPL', trading: 'goes_on', situation: '' }]);
      }),
    );
    const { cache, container } = open();
    expect(await screen.findByText(situation)).toBeVisible();
    expect(await screen.findByText('Market orders are refused until it is known to trade.')).toBeVisible();
    expect(screen.queryByText(/heard of last/)).not.toBeInTheDocument();
    act(() => cache.setQueryData<Partial<TradingStatus>>(keys.tradingState('AAPL'), { symbol: 'AAPL', halted: true, reason: 'News Pending' }));
    expect(await screen.findByText('When it was heard of last, it was halted: News Pending.')).toBeVisible();
    await expectAccessible(container);
    lost = false;
    act(() => {
      cache.setQueryData<Partial<TradingStatus>>(keys.tradingState('AAPL'), { symbol: 'AAPL', halted: false });
      void cache.invalidateQueries({ queryKey: keys.tradingNow(['AAPL']) });
    });
    await waitFor(() => expect(screen.queryByText(situation)).not.toBeInTheDocument());
  });

  test('shows a check that passed with a message as a warning', async () => {
    const warned = { name: 'symbol_halted', passed: true, limit: 'no market order in a halt', found: 'halted', message: 'The order waits.' };
    server.use(http.post(`${API}/orders/preview`, () => HttpResponse.json({ ...preview, checks: [...preview.checks, warned] })));
    open();
    await fillAndPreview();
    expect(screen.getByText('The order waits.')).toBeVisible();
    expect(screen.getByText('warning')).toBeInTheDocument();
    expect(screen.getByText(/Every check passed, with a warning/)).toBeVisible();
    expect(screen.getByRole('button', { name: /^Buy 10 AAPL/ })).toBeEnabled();
  });

  test('names what is wrong and asks the server nothing', async () => {
    open();
    await userEvent.type(screen.getByLabelText('Quantity'), '-3');
    await userEvent.click(screen.getByRole('button', { name: 'Preview order' }));
    expect(screen.getByText('Must be more than zero.')).toBeVisible();
    expect(screen.getByLabelText('Quantity')).toBeInvalid();
  });

  test('shows cost, what is left and each check before anything is sent', async () => {
    const { container } = open();
    await fillAndPreview();
    expect(screen.getByText('$4,310.00')).toBeVisible();
    expect(screen.getByText('$5,688.80')).toBeVisible();
    expect(screen.getByRole('list', { name: 'Risk checks' })).toHaveTextContent('limit 50000 · found 4310');
    await expectAccessible(container);
  });

  test('sends the same client_order_id again after a lost answer, and a new one for the next order', async () => {
    const ids: string[] = [];
    server.use(
      http.post(`${API}/orders`, async ({ request }) => {
        ids.push(((await request.json()) as OrderRequest).client_order_id);
        return ids.length === 1 ? HttpResponse.error() : HttpResponse.json(order(), { status: 201 });
      }),
    );
    open();
    await fillAndPreview();
    await userEvent.click(screen.getByRole('button', { name: /^Buy 10 AAPL/ }));
    await screen.findByRole('alert');
    await userEvent.click(screen.getByRole('button', { name: /^Buy 10 AAPL/ }));
    await waitFor(() => expect(screen.getByLabelText('Quantity')).toHaveValue(''));
    await fillAndPreview();
    await userEvent.click(screen.getByRole('button', { name: /^Buy 10 AAPL/ }));
    await waitFor(() => expect(ids).toHaveLength(3));
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test('is locked until the order is acknowledged', async () => {
    let answer: () => void = () => undefined;
    const acknowledged = new Promise<void>((resolve) => {
      answer = resolve;
    });
    server.use(
      http.post(`${API}/orders`, async () => {
        await acknowledged;
        return HttpResponse.json(order(), { status: 201 });
      }),
    );
    open();
    await fillAndPreview();
    await userEvent.click(screen.getByRole('button', { name: /^Buy 10 AAPL/ }));
    expect(screen.getByRole('button', { name: /^Buy 10 AAPL/ })).toBeDisabled();
    expect(screen.getByLabelText('Quantity')).toBeDisabled();
    answer();
    await waitFor(() => expect(screen.getByLabelText('Quantity')).toBeEnabled());
  });

  test('does not offer an order that would be denied', async () => {
    const failed = { ...preview, allowed: false, checks: [{ name: 'notional', passed: false, limit: '50000', found: '90000', message: 'Order less.' }] };
    server.use(http.post(`${API}/orders/preview`, () => HttpResponse.json(failed)));
    open();
    await fillAndPreview();
    expect(screen.getByText('Order less.')).toBeVisible();
    expect(screen.getByRole('button', { name: /^Buy 10 AAPL/ })).toBeDisabled();
  });

  test('a change makes the preview void', async () => {
    open();
    await fillAndPreview();
    await userEvent.click(screen.getByRole('button', { name: 'Change' }));
    expect(screen.queryByRole('region', { name: 'Preview' })).not.toBeInTheDocument();
  });

  test('a viewer sees why there is no ticket', () => {
    open('viewer');
    expect(screen.getByText(/needs the role trader/)).toBeVisible();
  });
});
