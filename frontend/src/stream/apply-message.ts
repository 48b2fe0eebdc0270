/** Writes socket messages into the query cache: pages read from there and nowhere else. */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { keys } from '@/api/keys';
import { isOpen } from '@/api/orders';
import { isTerminal } from '@/api/analysis';
import type { Job, MarketClock, Order, OrderDetail, Page, Quote, TradingStatus } from '@/api/types';
import type { ServerMessage, StreamOrderEvent } from './messages';

type OrderPages = InfiniteData<Page<Order>, string>;

function replaceOrder(data: OrderPages, order: Order, mayAdd: boolean, mayStay: boolean): OrderPages {
  let found = false;
  const pages = data.pages.map((page) => ({
    ...page,
    items: page.items.flatMap((item) => {
      if (item.id !== order.id) return [item];
      found = true;
      return mayStay ? [order] : [];
    }),
  }));
  const [first, ...rest] = pages;
  if (found || !mayAdd || !first) return { ...data, pages };
  return { ...data, pages: [{ ...first, items: [order, ...first.items] }, ...rest] };
}

function applyOrder(cache: QueryClient, order: Order): void {
  const lists = cache.getQueriesData<OrderPages>({ queryKey: keys.orders });
  for (const [key, data] of lists) {
    if (!data) continue;
    const [, status, symbol] = key as ReturnType<typeof keys.orderList>;
    const fits = (status === 'all' || isOpen(order)) && (!symbol || symbol === order.symbol);
    cache.setQueryData(key, replaceOrder(data, order, fits, fits));
  }
}

function applyEvent(cache: QueryClient, { order, ...event }: StreamOrderEvent): void {
  cache.setQueryData<OrderDetail>(keys.order(event.order_id), (detail) => {
    if (!detail) return undefined;
    const known = detail.events.some((other) => other.seq === event.seq);
    return { ...order, events: known ? detail.events : [...detail.events, event] };
  });
}

function applyQuotes(cache: QueryClient, quotes: readonly Omit<Quote, 'source'>[]): void {
  for (const quote of quotes) {
    cache.setQueryData<Quote | null>(keys.quote(quote.symbol), (old) => ({ ...quote, source: old?.source ?? 'stream' }));
  }
}

function applyJobs(cache: QueryClient, jobs: readonly Job[]): void {
  let unknown = false;
  for (const job of jobs) {
    cache.setQueryData(keys.job(job.id), job);
    if (isTerminal(job)) void cache.invalidateQueries({ queryKey: keys.result(job.id) });
  }
  cache.setQueryData<Page<Job>>(keys.jobs, (list) => {
    if (!list) return undefined;
    const fresh = new Map(jobs.map((job) => [job.id, job]));
    const known = new Set(list.items.map((job) => job.id));
    unknown = jobs.some((job) => !known.has(job.id));
    return { ...list, items: list.items.map((job) => fresh.get(job.id) ?? job) };
  });
  for (const job of jobs) askAgain(cache, keys.job(job.id));
  askAgain(cache, keys.jobs);
  if (unknown) void cache.invalidateQueries({ queryKey: keys.jobs });
}

/**
 * A request that is under way may carry an answer from before the event and arrive after it. Drop it and ask again:
 * nothing that was seen may be overwritten by something older.
 */
function askAgain(cache: QueryClient, queryKey: readonly unknown[]): void {
  if (cache.isFetching({ queryKey }) === 0) return;
  void cache.cancelQueries({ queryKey }).then(() => cache.invalidateQueries({ queryKey }));
}

function nowIso(): string {
  return new Date().toISOString();
}

export function applyMessage(cache: QueryClient, message: ServerMessage): void {
  switch (message.type) {
    case 'welcome':
      // What happened before the subscription began is read once over HTTP.
      void cache.invalidateQueries({ queryKey: keys.orders });
      void cache.invalidateQueries({ queryKey: ['order'] });
      void cache.invalidateQueries({ queryKey: keys.portfolio });
      void cache.invalidateQueries({ queryKey: keys.alerts });
      return;
    case 'alerts':
      void cache.invalidateQueries({ queryKey: keys.alerts });
      return;
    case 'market':
      cache.setQueryData<MarketClock>(keys.clock, {
        mode: message.mode,
        market_time: message.market_time,
        speed: message.speed,
        updated_at: nowIso(),
      });
      return;
    case 'quotes':
      applyQuotes(cache, message.quotes);
      return;
    case 'status':
      for (const state of message.statuses) cache.setQueryData<TradingStatus>(keys.tradingState(state.symbol), state);
      return;
    case 'orders': {
      for (const event of message.events) applyEvent(cache, event);
      const newest = new Map(message.events.map((event) => [event.order_id, event.order]));
      for (const order of newest.values()) {
        applyOrder(cache, order);
        askAgain(cache, keys.order(order.id));
      }
      askAgain(cache, keys.orders);
      return;
    }
    case 'portfolio':
      void cache.invalidateQueries({ queryKey: keys.portfolio });
      return;
    case 'jobs':
      applyJobs(cache, message.jobs);
      return;
    default:
      return;
  }
}
