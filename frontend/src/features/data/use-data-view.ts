import { useQuery } from '@tanstack/react-query';
import { symbolsQuery } from '@/api/data';
import { useSelectedSymbol } from '@/api/use-selected-symbol';
import { type BarSize, chosenSize, BAR_SIZES } from '@/charting/chart-choices';
import { useQueryState } from '@/lib/use-query-state';

export interface DataView {
  readonly symbol: string;
  readonly select: (symbol: string) => void;
  readonly barSize: BarSize;
  /** Sizes that are stored of the symbol, finest first. */
  readonly sizes: readonly BarSize[];
  readonly setBarSize: (size: string) => void;
  /** The provider that stored bars are compared with; empty where none. */
  readonly against: string;
  readonly setAgainst: (provider: string) => void;
}

/** Which series the page is about: symbol, bar size and what it is compared with, from the address. */
export function useDataView(): DataView {
  const { symbol, select } = useSelectedSymbol();
  const [query, change] = useQueryState();
  const stored = useQuery(symbolsQuery).data?.find((item) => item.symbol === symbol)?.bar_sizes ?? [];
  const sizes = BAR_SIZES.filter((size) => stored.includes(size));
  return {
    symbol,
    select,
    sizes,
    barSize: chosenSize(query.get('bars'), sizes),
    setBarSize: (size) => change({ bars: size, against: null }),
    against: query.get('against') ?? '',
    setAgainst: (provider) => change({ against: provider || null }),
  };
}
