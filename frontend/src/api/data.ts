import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import type { paths } from './generated/schema';
import { keys } from './keys';
import type { Bar, Coverage, FeedReport, MarketClock, MarketSymbol, Quote, Spec, TradingStatus } from './types';

const PAGES = 20;

export const symbolsQuery = queryOptions({
  queryKey: keys.symbols,
  staleTime: 5 * 60_000,
  queryFn: async ({ signal }): Promise<MarketSymbol[]> => {
    const all: MarketSymbol[] = [];
    let cursor: string | null | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const query = { limit: 500, ...(cursor ? { cursor } : {}) };
      const answer = await unwrap(client.GET('/v1/data/symbols', { params: { query }, signal }));
      all.push(...answer.items);
      cursor = answer.next_cursor;
      if (!cursor) break;
    }
    return all;
  },
});

/** Filled by the socket; the first value may come from the server. */
export function quoteQuery(symbol: string) {
  return queryOptions({
    queryKey: keys.quote(symbol),
    staleTime: Infinity,
    gcTime: 10 * 60_000,
    enabled: false,
    queryFn: async (): Promise<Quote | null> => null,
  });
}

export function useQuote(symbol: string): Quote | null {
  return useQuery(quoteQuery(symbol)).data ?? null;
}

/** Halt and price bands of a symbol that is watched, filled by the socket; null where a provider said nothing. */
export function useTradingState(symbol: string): TradingStatus | null {
  const query = queryOptions({
    queryKey: keys.tradingState(symbol),
    staleTime: Infinity,
    gcTime: 10 * 60_000,
    enabled: false,
    queryFn: async (): Promise<TradingStatus | null> => null,
  });
  return useQuery(query).data ?? null;
}

/** The live feed and its counters, asked again while somebody looks. */
export const feedQuery = queryOptions({
  queryKey: keys.feed,
  refetchInterval: 5_000,
  queryFn: ({ signal }): Promise<FeedReport> => unwrap(client.GET('/v1/data/feed', { signal })),
});

export const clockQuery = queryOptions({
  queryKey: keys.clock,
  staleTime: Infinity,
  queryFn: ({ signal }): Promise<MarketClock> => unwrap(client.GET('/v1/data/clock', { signal })),
});

export type Adjustment = NonNullable<NonNullable<paths['/v1/data/bars']['get']['parameters']['query']>['adjustment']>;

/** How far back a chart of a bar size looks: at most some thousands of bars of a market that trades around the clock. */
const LOOK_BACK_DAYS: Readonly<Record<Spec['bar_size'], number>> = { '1s': 0.04, '5s': 0.2, '1m': 5, '5m': 14, '15m': 42, '1h': 180, '1d': 36_500 };
const DAY_MS = 86_400_000;

/** The first instant of a chart that ends at `until`; intraday bars of the years before would not be seen anyway. */
export function lookBack(barSize: Spec['bar_size'], until: string): string {
  const start = Math.max(Date.parse(until) - LOOK_BACK_DAYS[barSize] * DAY_MS, Date.parse('1900-01-01T00:00:00Z'));
  return new Date(start).toISOString();
}

export interface BarsWanted {
  readonly symbol: string;
  readonly barSize?: Spec['bar_size'];
  readonly adjustment?: Adjustment;
  /** End of the chart: market time under a replay, else the last stored bar. */
  readonly until?: string;
}

/** The newest `limit` bars up to `until`, ascending. The wire pages forward in time, so the pages are followed to the end. */
export function barsQuery({ symbol, barSize = '1d', adjustment = 'split', until }: BarsWanted, limit = 2000) {
  const start = until && barSize !== '1d' ? lookBack(barSize, until) : undefined;
  return queryOptions({
    queryKey: keys.bars(symbol, barSize, adjustment, start?.slice(0, 10)),
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Bar[]> => {
      const bars: Bar[] = [];
      let cursor: string | null | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const query = { symbol, bar_size: barSize, adjustment, limit: 5000, ...(start ? { start } : {}), ...(cursor ? { cursor } : {}) };
        const answer = await unwrap(client.GET('/v1/data/bars', { params: { query }, signal }));
        bars.push(...answer.bars);
        cursor = answer.next_cursor;
        if (!cursor) break;
      }
      return bars.slice(-limit);
    },
  });
}

export function coverageQuery(symbols: readonly string[], barSize: Spec['bar_size']) {
  return queryOptions({
    queryKey: keys.coverage(symbols, barSize),
    staleTime: 60_000,
    enabled: symbols.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Coverage[]> => [
      ...(await unwrap(
        client.GET('/v1/data/coverage', {
          params: { query: { symbols: symbols.join(','), bar_size: barSize } },
          signal,
        }),
      )),
    ],
  });
}
