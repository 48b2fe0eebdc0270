import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import { keys } from './keys';
import type { Correction, Exchange, InstrumentCorrected, InstrumentFacts } from './types';

export function instrumentQuery(symbol: string) {
  return queryOptions({
    queryKey: keys.instrument(symbol),
    staleTime: 60_000,
    queryFn: ({ signal }): Promise<InstrumentFacts> => unwrap(client.GET('/v1/data/symbols/{symbol}', { params: { path: { symbol } }, signal })),
  });
}

/** Exchanges that can be named; they come with the server's release. */
export const exchangesQuery = queryOptions({
  queryKey: keys.exchanges,
  staleTime: Infinity,
  queryFn: ({ signal }): Promise<Exchange[]> => unwrap(client.GET('/v1/data/exchanges', { signal })),
});

/** Other sessions or another currency change how whatever is stored is read: all of it is read again. */
export function useCorrectInstrument(symbol: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Correction): Promise<InstrumentCorrected> => unwrap(client.PATCH('/v1/data/symbols/{symbol}', { params: { path: { symbol } }, body })),
    onSettled: async (): Promise<void> => {
      for (const queryKey of [['symbols'], ['quality'], ['series'], ['bars'], ['coverage']]) void cache.invalidateQueries({ queryKey });
      await cache.invalidateQueries({ queryKey: keys.instrument(symbol) });
    },
  });
}
