import { useQuery } from '@tanstack/react-query';
import { client } from './client';
import { clockQuery, useTradingState } from './data';
import { unwrap } from './errors';
import { keys } from './keys';
import type { TradingNow, TradingStatus } from './types';

const BEAT_MS = 5_000;

export interface HaltKnown {
  /** The halt that was told last; null where none was, or it is over. */
  readonly halt: TradingStatus | null;
  /** Says that the feed may have missed a halt, or its end; empty where it did not. */
  readonly unknown: string;
}

/**
 * What is known of a halt of `symbol`: the socket tells of one at once, the server whether that is all there was.
 * `among`: symbols that are asked about together. Only a live feed knows of halts.
 */
export function useHalt(symbol: string, among: readonly string[] = [symbol]): HaltKnown {
  const told = useTradingState(symbol);
  const live = useQuery(clockQuery).data?.mode === 'live';
  const { data } = useQuery({
    queryKey: keys.tradingNow(among),
    enabled: live && symbol !== '',
    refetchInterval: BEAT_MS,
    queryFn: ({ signal }): Promise<readonly TradingNow[]> => unwrap(client.GET('/v1/orders/trading-now', { params: { query: { symbols: among.join(',') } }, signal })),
  });
  const now = live ? data?.find((one) => one.symbol === symbol) : undefined;
  return { halt: told?.halted ? told : null, unknown: now?.trading === 'unknown' ? now.situation : '' };
}
