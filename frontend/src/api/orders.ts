import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import { keys } from './keys';
import type {
  Order,
  OrderDetail,
  OrderLimits,
  OrderRequest,
  OrderStatus,
  Page,
  Preview,
  SignalOrders,
  TradingState,
  TradingStateName,
} from './types';

const OPEN: ReadonlySet<OrderStatus> = new Set(['pending_new', 'new', 'partially_filled', 'pending_cancel']);

export function isOpen(order: Pick<Order, 'status'>): boolean {
  return OPEN.has(order.status);
}

export function ordersQuery(status: 'open' | 'all', symbol?: string) {
  return infiniteQueryOptions({
    queryKey: keys.orderList(status, symbol),
    initialPageParam: '',
    getNextPageParam: (last: Page<Order>) => last.next_cursor ?? undefined,
    queryFn: ({ pageParam, signal }): Promise<Page<Order>> => {
      const query = { status, limit: 50, ...(symbol ? { symbol } : {}), ...(pageParam ? { cursor: pageParam } : {}) };
      return unwrap(client.GET('/v1/orders', { params: { query }, signal }));
    },
  });
}

export function orderQuery(id: string) {
  return queryOptions({
    queryKey: keys.order(id),
    queryFn: ({ signal }): Promise<OrderDetail> =>
      unwrap(client.GET('/v1/orders/{order_id}', { params: { path: { order_id: id } }, signal })),
  });
}

/** What the risk checks allow in one order; it changes with the server's settings only. */
export const orderLimitsQuery = queryOptions({
  queryKey: keys.orderLimits,
  staleTime: Infinity,
  queryFn: ({ signal }): Promise<OrderLimits> => unwrap(client.GET('/v1/orders/limits', { signal })),
});

export function usePreviewOrder() {
  return useMutation({
    mutationFn: (body: OrderRequest): Promise<Preview> => unwrap(client.POST('/v1/orders/preview', { body })),
  });
}

export function useSubmitOrder() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: OrderRequest): Promise<Order> => unwrap(client.POST('/v1/orders', { body })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.orders }),
  });
}

export function useCancelOrder() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string): Promise<Order> =>
      unwrap(client.POST('/v1/orders/{order_id}/cancel', { params: { path: { order_id: id } } })),
    onSettled: (_order, _error, id) => {
      void cache.invalidateQueries({ queryKey: keys.order(id) });
      return cache.invalidateQueries({ queryKey: keys.orders });
    },
  });
}

export interface SignalRequest {
  readonly jobId: string;
  readonly capital: string;
  readonly prefix: string;
  readonly preview: boolean;
}

export function useSignalOrders() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ jobId, capital, prefix, preview }: SignalRequest): Promise<SignalOrders> =>
      unwrap(
        client.POST('/v1/orders/signal', {
          body: { job_id: jobId, capital, client_order_id_prefix: prefix, preview },
        }),
      ),
    onSettled: (_data, _error, { preview }) => {
      if (!preview) void cache.invalidateQueries({ queryKey: keys.orders });
    },
  });
}

export function useTradingState() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: {
      state: TradingStateName;
      reason: string;
      /** Null: the only account; a user with several is told to name one. */
      account_id: string | null;
    }): Promise<TradingState> => unwrap(client.POST('/v1/orders/trading-state', { body })),
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: keys.portfolio });
      return cache.invalidateQueries({ queryKey: keys.orders });
    },
  });
}
