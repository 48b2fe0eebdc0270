import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import { keys } from './keys';
import type { Account, Execution, Page, Position, Summary } from './types';

/** Marks move with the market: the numbers are read again on this beat, and at once when the socket says so. */
const BEAT_MS = 5_000;

export const accountsQuery = queryOptions({
  queryKey: keys.accounts,
  refetchInterval: 15_000,
  queryFn: async ({ signal }): Promise<readonly Account[]> => unwrap(client.GET('/v1/portfolio/accounts', { signal })),
});

export const summaryQuery = queryOptions({
  queryKey: keys.summary,
  refetchInterval: BEAT_MS,
  queryFn: ({ signal }): Promise<Summary> => unwrap(client.GET('/v1/portfolio/summary', { signal })),
});

export const positionsQuery = queryOptions({
  queryKey: keys.positions,
  refetchInterval: BEAT_MS,
  queryFn: ({ signal }): Promise<readonly Position[]> => unwrap(client.GET('/v1/portfolio/positions', { signal })),
});

export const equityQuery = queryOptions({
  queryKey: keys.equity,
  refetchInterval: 15_000,
  queryFn: ({ signal }) => unwrap(client.GET('/v1/portfolio/equity', { signal })),
});

export const executionsQuery = infiniteQueryOptions({
  queryKey: keys.executions,
  initialPageParam: '',
  getNextPageParam: (last: Page<Execution>) => last.next_cursor ?? undefined,
  queryFn: ({ pageParam, signal }): Promise<Page<Execution>> => {
    const query = { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) };
    return unwrap(client.GET('/v1/portfolio/executions', { params: { query }, signal }));
  },
});
