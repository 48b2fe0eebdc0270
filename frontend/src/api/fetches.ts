import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import { keys } from './keys';
import type { Fetch, FetchDetail, FetchRequest, Page } from './types';

const BEAT_MS = 2_000;

export function isUnderWay({ state }: Pick<Fetch, 'state'>): boolean {
  return state === 'queued' || state === 'running' || state === 'waiting';
}

/** The user's fetches, newest first; read again while one is under way. */
export const fetchesQuery = infiniteQueryOptions({
  queryKey: keys.fetches,
  initialPageParam: '',
  getNextPageParam: (last: Page<Fetch>) => last.next_cursor ?? undefined,
  refetchInterval: (query) => (query.state.data?.pages.some((page) => page.items.some(isUnderWay)) ? BEAT_MS : false),
  queryFn: ({ pageParam, signal }): Promise<Page<Fetch>> => {
    const query = { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) };
    return unwrap(client.GET('/v1/data/fetches', { params: { query }, signal }));
  },
});

/** One fetch with where each of its symbols stands; read again while it is under way. */
export function fetchQuery(id: string) {
  return queryOptions({
    queryKey: keys.fetch(id),
    queryFn: ({ signal }): Promise<FetchDetail> => unwrap(client.GET('/v1/data/fetches/{fetch_id}', { params: { path: { fetch_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data && isUnderWay(query.state.data) ? BEAT_MS : false),
  });
}

/** Asks providers for bars; the list of fetches then has it. */
export function useStartFetch() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: FetchRequest): Promise<Fetch> => unwrap(client.POST('/v1/data/fetches', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.fetches }),
  });
}

export type Command = 'cancel' | 'retry';

export function useCommandFetch() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, command }: { readonly id: string; readonly command: Command }): Promise<Fetch> => {
      const options = { params: { path: { fetch_id: id } } };
      return unwrap(command === 'cancel' ? client.POST('/v1/data/fetches/{fetch_id}/cancel', options) : client.POST('/v1/data/fetches/{fetch_id}/retry', options));
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.fetches }),
  });
}
