import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { clockQuery, useQuote } from '@/api/data';
import { lastClosesQuery } from '@/api/last-closes';
import { useHalt } from '@/api/trading-now';
import type { MarketSymbol, Quote } from '@/api/types';
import { BAR_SIZES } from '@/charting/chart-choices';
import { Badge } from '@/components/badge';
import { price } from '@/lib/format';
import { dateTime, isoDate } from '@/lib/format-time';
import { useSymbolZone } from '@/api/use-zone';
import { useSettled } from '@/lib/use-settled';
import { isStale } from '@/stream/health';
import { useTickDirection } from './use-tick-direction';

/** How long a quote may take to come before the last stored price is looked up. */
const PATIENCE_MS = 1_500;

function Live({ quote }: { readonly quote: Quote }): ReactNode {
  const direction = useTickDirection(quote.last);
  return (
    <>
      <span className={direction === 0 ? undefined : direction > 0 ? 'up' : 'down'}>
        <span aria-hidden="true">{direction === 0 ? '' : direction > 0 ? '▲ ' : '▼ '}</span>
        {price(quote.last)}
      </span>
      <span className="muted small">
        {price(quote.bid)} / {price(quote.ask)}
      </span>
    </>
  );
}

/** The last stored price of a symbol that nobody quotes. Not in a replay, whose future the last bar would be. */
function Stored({ item, among }: { readonly item: MarketSymbol; readonly among: readonly MarketSymbol[] }): ReactNode {
  const zone = useSymbolZone(item.symbol);
  const mode = useQuery(clockQuery).data?.mode;
  const waited = useSettled(mode !== undefined && mode !== 'replay', PATIENCE_MS);
  const last = useQuery({ ...lastClosesQuery(among, BAR_SIZES), enabled: waited && item.bar_sizes.length > 0 }).data?.get(item.symbol);
  if (!last) return <span className="muted small">No quote</span>;
  return (
    <>
      <span>{price(last.close)}</span>
      <span className="muted small">Close, {last.bar_size === '1d' ? isoDate(last.time) : dateTime(last.time, zone).replace(/:00(?= |$)/, '')}</span>
    </>
  );
}

interface RowProps {
  readonly symbol: string;
  /** Missing where the symbol is no longer stored. */
  readonly item: MarketSymbol | undefined;
  /** Every watched symbol, and those of them that are stored: what is missing is asked for together. */
  readonly watched: readonly string[];
  readonly among: readonly MarketSymbol[];
  readonly selected: boolean;
  readonly onSelect: (symbol: string) => void;
}

/** One watched symbol: its price, and what of it is not as usual. */
export function WatchRow({ symbol, item, watched, among, selected, onSelect }: RowProps): ReactNode {
  const quote = useQuote(symbol);
  const { halt, unknown: missed } = useHalt(symbol, watched);
  // What the feed does not carry is halted for nobody.
  const unknown = quote ? missed : '';
  const clock = useQuery(clockQuery).data;
  const stale = quote !== null && isStale(quote.market_time, clock?.market_time, clock?.speed ?? 1);
  return (
    <button type="button" className="watch" aria-pressed={selected} onClick={() => onSelect(symbol)}>
      <span className="watch__name">
        <strong>{symbol}</strong>
        <span className="muted small">{item ? item.name : 'No longer stored'}</span>
      </span>
      {(halt || unknown) && (
        <Badge tone={unknown ? 'warn' : 'danger'} title={unknown || halt?.reason}>
          {unknown ? 'Halt unknown' : 'Halted'}
        </Badge>
      )}
      {stale && (
        <Badge tone="warn" title={`Last quote at ${quote.market_time}`}>
          Stale
        </Badge>
      )}
      <span className="watch__price">{quote ? <Live quote={quote} /> : item ? <Stored item={item} among={among} /> : <span className="muted small">–</span>}</span>
    </button>
  );
}
