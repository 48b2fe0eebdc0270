import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { type Adjustment, barsQuery, clockQuery, coverageQuery, symbolsQuery, useQuote } from '@/api/data';
import type { Execution, Spec } from '@/api/types';
import { useSymbolZone } from '@/api/use-zone';
import { Notice } from '@/components/badge';
import { Empty, QueryView } from '@/components/states';
import { plural, price } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import { sourceOf } from './chart-choices';
import { CandleChart } from './lazy-charts';
import { barStart, candles, fillsOn, type LongGap, longGaps, seconds } from './series';

interface SymbolChartProps {
  readonly symbol: string;
  readonly barSize?: Spec['bar_size'];
  readonly adjustment?: Adjustment;
  readonly executions?: readonly Execution[];
  readonly log?: boolean;
}

/** Fewer bars than this are hardly a picture: the page says so. */
const SHORT = 5;
const NONE: readonly Execution[] = [];

/** In a replay the bar that holds market time is still forming, and later ones are the future: neither is drawn. */
function useFormingBar(barSize: Spec['bar_size']): number | null {
  const clock = useQuery(clockQuery).data;
  if (clock?.mode !== 'replay' || !clock.market_time) return null;
  return barStart(clock.market_time, barSize);
}

/** Where an intraday chart ends: at market time under a replay, else at the last stored bar. Undefined while not known. */
function useChartEnd(symbol: string, barSize: Spec['bar_size']): { readonly ready: boolean; readonly until: string | undefined } {
  const clock = useQuery(clockQuery);
  const stored = useQuery(symbolsQuery).data?.find((item) => item.symbol === symbol)?.bar_sizes ?? [];
  const coverage = useQuery({ ...coverageQuery([symbol], sourceOf(barSize, stored)), enabled: barSize !== '1d' && stored.length > 0 });
  if (barSize === '1d') return { ready: true, until: undefined };
  const last = coverage.data?.find((one) => one.symbol === symbol)?.end;
  const now = clock.data?.mode === 'replay' ? clock.data.market_time : null;
  const ready = !clock.isPending && !coverage.isPending && !coverage.isPlaceholderData;
  return { ready, until: now && (!last || now < last) ? now : last };
}

/** The axis is one of bars, which hides what is missing: it is said. */
function GapNote({ gaps }: { readonly gaps: readonly LongGap[] }): ReactNode {
  const last = gaps.at(-1);
  if (!last) return null;
  const day = (at: number): string => isoDate(new Date(at * 1000).toISOString());
  return (
    <p className="chart-note small muted">
      {`The axis leaves out ${plural(gaps.length, 'gap')} without bars; the last one is from ${day(last.after)} to ${day(last.before)}.`}
    </p>
  );
}

/** Stored bars of a symbol, adjusted as asked, with the live price as a line and fills as arrows. */
export function SymbolChart({ symbol, barSize = '1d', adjustment = 'split', executions = NONE, log = false }: SymbolChartProps): ReactNode {
  const end = useChartEnd(symbol, barSize);
  const query = useQuery({ ...barsQuery({ symbol, barSize, adjustment, ...(end.until ? { until: end.until } : {}) }), enabled: end.ready });
  const quote = useQuote(symbol);
  const zone = useSymbolZone(symbol);
  const forming = useFormingBar(barSize);
  const shown = useMemo(() => candles(query.data ?? []).filter((bar) => forming === null || bar.time < forming), [query.data, forming]);
  const gaps = useMemo(() => longGaps(shown), [shown]);
  const fills = useMemo(() => fillsOn(forming === null ? shown : [...shown, { time: forming }], executions), [shown, forming, executions]);
  return (
    <div className="chart-frame">
      <QueryView query={query} what={`Bars of ${symbol}`} lines={11}>
        {(bars) => {
          const last = bars.filter((bar) => forming === null || seconds(bar.time) < forming).at(-1);
          if (!last) return <Empty title={`No ${barSize} bars of ${symbol} are stored`}>Load a file with “causeway ingest”, or choose another bar size.</Empty>;
          const label = `Candles of ${symbol}: ${shown.length} bars until ${isoDate(last.time)}, last close ${price(last.close)}, volume below`;
          return (
            <>
              {shown.length < SHORT && <Notice>{shown.length === 1 ? 'Only one bar is' : `Only ${shown.length} bars are`} stored: too few to see a course.</Notice>}
              <CandleChart label={label} candles={shown} fills={fills} last={quote ? Number(quote.last) : null} forming={forming} daily={barSize === '1d'} zone={zone} log={log} />
              <GapNote gaps={gaps} />
            </>
          );
        }}
      </QueryView>
    </div>
  );
}
