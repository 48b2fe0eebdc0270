import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { fetchQuery, isUnderWay, useCommandFetch, useStartFetch } from '@/api/fetches';
import { keys } from '@/api/keys';
import { seriesQuery } from '@/api/quality';
import type { Fetch, FetchDetail, Spec } from '@/api/types';
import { Button } from '@/components/button';
import { Failure, Progress } from '@/components/states';
import { notifyError } from '@/components/toasts';

interface Series {
  readonly symbol: string;
  readonly barSize: Spec['bar_size'];
}

/** Asks the server what yfinance's repair of Yahoo would change in everything that is stored of a series. */
export function useLookAtYahoo(onStarted: (fetch: Fetch) => void): { readonly look: (series: Series) => Promise<void>; readonly busy: boolean } {
  const cache = useQueryClient();
  const start = useStartFetch();
  const look = async ({ symbol, barSize }: Series): Promise<void> => {
    try {
      const stored = await cache.fetchQuery(seriesQuery(symbol, barSize));
      const body = { name: `Yahoo's repair of ${symbol}`, symbols: [symbol], bar_size: barSize, start: stored.start, end: null, providers: ['yahoo' as const] };
      onStarted(await start.mutateAsync({ ...body, extended_hours: false, asset_class: '', replace: false, again: false, patient: false, exchange: '', repairs: 'only' }));
    } catch (error) {
      notifyError('Yahoo was not asked', error);
    }
  };
  return { look, busy: start.isPending };
}

function outcome({ state, message, symbols }: FetchDetail): string {
  const [symbol] = symbols;
  if (state === 'cancelled' || !symbol) return message;
  return [symbol.error?.message, symbol.message].filter(Boolean).join('; ');
}

/** How far the look is, and what came of it; it can be cancelled. */
export function YahooLook({ id }: { readonly id: string }): ReactNode {
  const cache = useQueryClient();
  const command = useCommandFetch();
  const query = useQuery(fetchQuery(id));
  const fetch = query.data;
  const over = fetch !== undefined && !isUnderWay(fetch);
  useEffect(() => {
    if (over) void cache.invalidateQueries({ queryKey: keys.repairs });
  }, [over, cache]);
  if (query.isError && !fetch) return <Failure what="The look at Yahoo" error={query.error} onRetry={() => void query.refetch()} />;
  if (!fetch) return null;
  if (over) return <p className="small provider-look" role="status">{outcome(fetch)}</p>;
  return (
    <div className="row provider-look">
      <Progress value={fetch.progress} label="Progress of the look at Yahoo" />
      <span className="small muted wrap" role="status">{fetch.message}</span>
      <Button
        variant="quiet"
        onClick={() =>
          command.mutate({ id, command: 'cancel' }, { onError: (error) => notifyError('It was not cancelled', error), onSettled: () => void query.refetch() })
        }
      >
        Cancel the look
      </Button>
    </div>
  );
}
