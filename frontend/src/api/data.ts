import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import { keys } from './keys';
import type { Bar, Coverage, MarketClock, MarketSymbol, Quote, Spec } from './types';

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

export const clockQuery = queryOptions({
  queryKey: keys.clock,
  staleTime: Infinity,
  queryFn: ({ signal }): Promise<MarketClock> => unwrap(client.GET('/v1/data/clock', { signal })),
});

/** The newest `limit` bars, ascending. The wire pages forward in time, so the pages are followed to the end. */
export function barsQuery(symbol: string, barSize: Spec['bar_size'] = '1d', limit = 2000) {
  return queryOptions({
    queryKey: keys.bars(symbol, barSize),
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Bar[]> => {
      const bars: Bar[] = [];
      let cursor: string | null | undefined;
      for (let page = 0; page < PAGES; page += 1) {
        const query = {
          symbol,
          bar_size: barSize,
          adjustment: 'split' as const,
          limit: 5000,
          ...(cursor ? { cursor } : {}),
        };
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
