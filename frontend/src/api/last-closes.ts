import { queryOptions } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import { keys } from './keys';
import type { Coverage, MarketSymbol, SeriesBars, Spec } from './types';

export interface LastClose {
  readonly close: number;
  readonly time: string;
  readonly bar_size: Spec['bar_size'];
}

type Size = Spec['bar_size'];
type Newest = Pick<Coverage, 'symbol' | 'end' | 'bar_size'>;

/** As many series as the server reads at once. */
const MOST_SERIES = 50;
const SECOND_MS = 1_000;

function ofSize(items: readonly MarketSymbol[], size: Size, signal: AbortSignal): Promise<readonly Newest[]> {
  const symbols = items.filter((item) => item.bar_sizes.includes(size)).map((item) => item.symbol);
  return unwrap(client.GET('/v1/data/coverage', { params: { query: { symbols: symbols.join(','), bar_size: size } }, signal }));
}

/** The newest stored bar of each symbol, whatever its size; of two sizes that end together the one named first. */
function newest(found: readonly Newest[]): readonly Newest[] {
  const best = new Map<string, Newest>();
  for (const one of found) if (one.end > (best.get(one.symbol)?.end ?? '')) best.set(one.symbol, one);
  return [...best.values()];
}

/** Bars that start together are read together. */
function groups(bars: readonly Newest[]): readonly (readonly Newest[])[] {
  const together = new Map<string, Newest[]>();
  for (const one of bars) {
    const key = `${one.bar_size} ${one.end}`;
    together.set(key, [...(together.get(key) ?? []), one]);
  }
  return [...together.values()].flatMap((group) => Array.from({ length: Math.ceil(group.length / MOST_SERIES) }, (_, at) => group.slice(at * MOST_SERIES, (at + 1) * MOST_SERIES)));
}

/** One bar of each: none is shorter than a second. */
async function closes(group: readonly Newest[], signal: AbortSignal): Promise<readonly (readonly [string, LastClose])[]> {
  const [first] = group;
  if (!first) return [];
  const end = new Date(Date.parse(first.end) + SECOND_MS).toISOString();
  const query = { symbols: group.map((one) => one.symbol).join(','), bar_size: first.bar_size, start: first.end, end, adjustment: 'raw' as const, limit: group.length };
  const { series } = await unwrap(client.GET('/v1/data/bars/several', { params: { query }, signal }));
  return series.flatMap(({ symbol, bars: [bar] }: SeriesBars) => (bar ? [[symbol, { close: bar.close, time: bar.time, bar_size: first.bar_size }] as const] : []));
}

/** The close of the newest stored bar of each symbol, for those without a quote. A request for a bar size, and one for bars that end together. */
export function lastClosesQuery(items: readonly MarketSymbol[], sizes: readonly Size[]) {
  const stored = sizes.filter((size) => items.some((item) => item.bar_sizes.includes(size)));
  return queryOptions({
    queryKey: keys.lastCloses(items.map((item) => `${item.symbol} ${item.bar_sizes.join(' ')}`)),
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, LastClose>> => {
      const found = (await Promise.all(stored.map((size) => ofSize(items, size, signal)))).flat();
      return new Map((await Promise.all(groups(newest(found)).map((group) => closes(group, signal)))).flat());
    },
  });
}
