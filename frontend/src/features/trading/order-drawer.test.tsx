import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { OrderDetail } from '@/api/types';
import { expectAccessible } from '@/testing/axe';
import { order } from '@/testing/fixtures';
import { renderPage } from '@/testing/render';
import { Details } from './order-drawer';

const HALTED = 'Trading in AAPL is halted (News Pending). A market order is refused until trading resumes.';
const QUANTITY = 'The quantity must be a multiple of 1; found 1.5.';

test('a denied order says each of its reasons once', async () => {
  const denied: OrderDetail = {
    ...order({
      status: 'denied',
      reason: `${QUANTITY} ${HALTED}`,
      checks: [
        { name: 'quantity', passed: false, limit: '1000000 in lots of 1', found: '1.5', message: QUANTITY },
        { name: 'symbol_halted', passed: false, limit: 'no market order in a halt', found: 'halted', message: HALTED },
      ],
    }),
    events: [{ seq: 1, order_id: order().id, kind: 'denied', status_after: 'denied', payload: { client_order_id: 'c1', reason: `${QUANTITY} ${HALTED}` }, wall_time: '2026-01-05T12:00:00Z', market_time: null }],
  };
  const { container } = renderPage(<Details order={denied} />);
  for (const reason of [HALTED, QUANTITY]) expect(screen.getAllByText(reason, { exact: false })).toHaveLength(1);
  expect(screen.getByRole('list', { name: 'Risk checks' })).toHaveTextContent('found halted');
  await expectAccessible(container);
});
