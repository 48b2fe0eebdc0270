import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { keys } from '@/api/keys';
import type { Order, OrderDetail } from '@/api/types';
import { applyMessage } from './apply-message';
import type { ServerMessage } from './messages';

const order = (status: Order['status']): Order => ({ id: 'o1', symbol: 'AAPL', status }) as Order;
const detail = (status: Order['status']): OrderDetail => ({ ...order(status), events: [] }) as OrderDetail;

const filled = {
  type: 'orders',
  account_id: 'a1',
  from_seq: 4,
  to_seq: 4,
  events: [{ seq: 4, order_id: 'o1', kind: 'fill', order: order('filled') }],
} as unknown as ServerMessage;

test('an answer from before a fill does not undo the fill', async () => {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const answers: ((value: OrderDetail) => void)[] = [];
  const queryFn = vi.fn(() => new Promise<OrderDetail>((resolve) => answers.push(resolve)));
  const observer = new QueryObserver(cache, { queryKey: keys.order('o1'), queryFn, initialData: detail('pending_new') });
  const stop = observer.subscribe(() => undefined);
  await vi.waitFor(() => expect(answers).toHaveLength(1));

  applyMessage(cache, filled);
  answers[0]?.(detail('pending_new'));
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  expect(cache.getQueryData<OrderDetail>(keys.order('o1'))?.status).toBe('filled');
  answers[1]?.(detail('filled'));
  await vi.waitFor(() => expect(cache.isFetching()).toBe(0));
  expect(cache.getQueryData<OrderDetail>(keys.order('o1'))?.status).toBe('filled');
  stop();
});

test('a halt is known of its symbol until the stream says otherwise', () => {
  const cache = new QueryClient();
  const state = { symbol: 'AAPL', halted: true, reason: 'News pending' };
  applyMessage(cache, { type: 'status', statuses: [state] } as unknown as ServerMessage);
  expect(cache.getQueryData(keys.tradingState('AAPL'))).toEqual(state);
  applyMessage(cache, { type: 'status', statuses: [{ ...state, halted: false }] } as unknown as ServerMessage);
  expect(cache.getQueryData(keys.tradingState('AAPL'))).toMatchObject({ halted: false });
});
