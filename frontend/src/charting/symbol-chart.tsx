import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { barsQuery, clockQuery, useQuote } from '@/api/data';
import type { Execution, Spec } from '@/api/types';
import { Empty, QueryView } from '@/components/states';
import { price } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import { CandleChart } from './lazy-charts';
import { barStart, candles, fillsOn, seconds } from './series';

interface SymbolChartProps {
  readonly symbol: string;
  readonly barSize?: Spec['bar_size'];
  readonly executions?: readonly Execution[];
}

/** In a replay the bar that holds market time is still forming, and later ones are the future: neither is drawn. */
function useFormingBar(barSize: Spec['bar_size']): number | null {
  const clock = useQuery(clockQuery).data;
  if (clock?.mode !== 'replay' || !clock.market_time) return null;
  return barStart(clock.market_time, barSize);
}

const NONE: readonly Execution[] = [];

/** Stored bars of a symbol, adjusted for splits, with the live price as a line and fills as arrows. */
export function SymbolChart({ symbol, barSize = '1d', executions = NONE }: SymbolChartProps): ReactNode {
  const query = useQuery(barsQuery(symbol, barSize));
  const quote = useQuote(symbol);
  const forming = useFormingBar(barSize);
  const shown = useMemo(() => candles(query.data ?? []).filter((bar) => forming === null || bar.time < forming), [query.data, forming]);
  const fills = useMemo(() => fillsOn(forming === null ? shown : [...shown, { time: forming }], executions), [shown, forming, executions]);
  return (
    <QueryView query={query} what={`Bars of ${symbol}`} lines={8}>
      {(bars) => {
        const last = bars.filter((bar) => forming === null || seconds(bar.time) < forming).at(-1);
        if (!last) return <Empty title={`No ${barSize} bars of ${symbol} are stored`}>Load a file with “causeway ingest”.</Empty>;
        const label = `Candles of ${symbol}: ${shown.length} bars until ${isoDate(last.time)}, last close ${price(last.close)}`;
        return <CandleChart label={label} candles={shown} fills={fills} last={quote ? Number(quote.last) : null} forming={forming} daily={barSize === '1d'} />;
      }}
    </QueryView>
  );
}
