import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { barsQuery, useQuote } from '@/api/data';
import type { Execution, Spec } from '@/api/types';
import { Empty, QueryView } from '@/components/states';
import { price } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import { CandleChart } from './lazy-charts';
import { candles, fillsOn } from './series';

interface SymbolChartProps {
  readonly symbol: string;
  readonly barSize?: Spec['bar_size'];
  readonly executions?: readonly Execution[];
}

const NONE: readonly Execution[] = [];

/** Stored bars of a symbol, adjusted for splits, with the live price as a line and fills as arrows. */
export function SymbolChart({ symbol, barSize = '1d', executions = NONE }: SymbolChartProps): ReactNode {
  const query = useQuery(barsQuery(symbol, barSize));
  const quote = useQuote(symbol);
  const shown = useMemo(() => candles(query.data ?? []), [query.data]);
  const fills = useMemo(() => fillsOn(shown, executions), [shown, executions]);
  return (
    <QueryView query={query} what={`Bars of ${symbol}`} lines={8}>
      {(bars) => {
        const last = bars.at(-1);
        if (!last) return <Empty title={`No ${barSize} bars of ${symbol} are stored`}>Load a file with “causeway ingest”.</Empty>;
        const label = `Candles of ${symbol}: ${bars.length} bars until ${isoDate(last.time)}, last close ${price(last.close)}`;
        return <CandleChart label={label} candles={shown} fills={fills} last={quote ? Number(quote.last) : null} daily={barSize === '1d'} />;
      }}
    </QueryView>
  );
}
