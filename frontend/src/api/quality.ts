import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import { keys } from './keys';
import type { Ingestion, MarketSymbol, Page, QualityReport, QuarantinedRow, Repair, SeriesCoverage, Spec } from './types';

const after = <T>(last: Page<T>): string | undefined => last.next_cursor ?? undefined;
const paged = (cursor: string) => ({ limit: 50, ...(cursor ? { cursor } : {}) });

/** Symbols by rank: the symbol itself, symbols that start so, then names. */
export function searchQuery(text: string) {
  return infiniteQueryOptions({
    queryKey: keys.search(text),
    staleTime: 60_000,
    initialPageParam: '',
    getNextPageParam: after<MarketSymbol>,
    queryFn: ({ pageParam, signal }): Promise<Page<MarketSymbol>> =>
      unwrap(client.GET('/v1/data/symbols', { params: { query: { query: text, ...paged(pageParam) } }, signal })),
  });
}

export function seriesQuery(symbol: string, barSize: Spec['bar_size']) {
  return queryOptions({
    queryKey: keys.series(symbol, barSize),
    staleTime: 60_000,
    queryFn: ({ signal }): Promise<SeriesCoverage> =>
      unwrap(client.GET('/v1/data/coverage/{symbol}', { params: { path: { symbol }, query: { bar_size: barSize } }, signal })),
  });
}

/** `against`: a provider whose bars a fetch kept; empty compares with none. */
export function qualityQuery(symbol: string, barSize: Spec['bar_size'], against = '') {
  return queryOptions({
    queryKey: keys.quality(symbol, barSize, against),
    staleTime: 60_000,
    queryFn: ({ signal }): Promise<QualityReport> =>
      unwrap(client.GET('/v1/data/quality/{symbol}', { params: { path: { symbol }, query: { bar_size: barSize, ...(against ? { against } : {}) } }, signal })),
  });
}

export function repairsQuery(symbol: string, state: Repair['state']) {
  return infiniteQueryOptions({
    queryKey: keys.repairList(symbol, state),
    initialPageParam: '',
    getNextPageParam: after<Repair>,
    queryFn: ({ pageParam, signal }): Promise<Page<Repair>> =>
      unwrap(client.GET('/v1/data/repairs', { params: { query: { symbol, state, ...paged(pageParam) } }, signal })),
  });
}

/** As many repairs as the server writes together. */
export const MOST_AT_ONCE = 1_000;

/** Every proposed repair of a symbol, newest first; asked anew each time, for it is what is about to be written. */
export function proposedQuery(symbol: string) {
  return queryOptions({
    queryKey: keys.proposed(symbol),
    gcTime: 0,
    queryFn: async ({ signal }): Promise<readonly Repair[]> =>
      (await unwrap(client.GET('/v1/data/repairs', { params: { query: { symbol, state: 'proposed', limit: MOST_AT_ONCE } }, signal }))).items,
  });
}

export function quarantineQuery(symbol: string) {
  return infiniteQueryOptions({
    queryKey: keys.quarantine(symbol),
    initialPageParam: '',
    getNextPageParam: after<QuarantinedRow>,
    queryFn: ({ pageParam, signal }): Promise<Page<QuarantinedRow>> =>
      unwrap(client.GET('/v1/data/quarantine', { params: { query: { symbol, ...paged(pageParam) } }, signal })),
  });
}

export const ingestionsQuery = infiniteQueryOptions({
  queryKey: keys.ingestions,
  initialPageParam: '',
  getNextPageParam: after<Ingestion>,
  // Only while one is under way; the list is short.
  refetchInterval: (query) => (query.state.data?.pages.some((page) => page.items.some((item) => item.state === 'running')) ? 2_000 : false),
  queryFn: ({ pageParam, signal }): Promise<Page<Ingestion>> => unwrap(client.GET('/v1/data/ingestions', { params: { query: paged(pageParam) }, signal })),
});

export interface Decision {
  readonly id: string;
  readonly verdict: 'accept' | 'reject';
  readonly remark: string;
}

/** An accepted repair changes a bar: whatever was read from bars is read again. */
function useReadAgain() {
  const cache = useQueryClient();
  return async (): Promise<void> => {
    for (const queryKey of [['quality'], ['series'], ['bars'], ['coverage'], ['quarantine']]) void cache.invalidateQueries({ queryKey });
    await cache.invalidateQueries({ queryKey: keys.repairs });
  };
}

export function useDecideRepair() {
  const readAgain = useReadAgain();
  return useMutation({
    mutationFn: ({ id, verdict, remark }: Decision) => {
      const options = { params: { path: { repair_id: id } }, body: { remark } };
      return unwrap(verdict === 'accept' ? client.POST('/v1/data/repairs/{repair_id}/accept', options) : client.POST('/v1/data/repairs/{repair_id}/reject', options));
    },
    onSettled: readAgain,
  });
}

/** All of them, or none. */
export function useAcceptRepairs() {
  const readAgain = useReadAgain();
  return useMutation({
    mutationFn: (body: { readonly ids: string[]; readonly remark: string }) => unwrap(client.POST('/v1/data/repairs/accept', { body })),
    onSettled: readAgain,
  });
}

export function useProposeRepairs() {
  const readAgain = useReadAgain();
  return useMutation({
    mutationFn: ({ symbol, barSize }: { readonly symbol: string; readonly barSize: Spec['bar_size'] }) =>
      unwrap(client.POST('/v1/data/quality/{symbol}/repairs', { params: { path: { symbol }, query: { bar_size: barSize } } })),
    onSettled: readAgain,
  });
}
