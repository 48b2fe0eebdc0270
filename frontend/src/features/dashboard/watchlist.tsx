import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { clockQuery, useQuote, useTradingState } from '@/api/data';
import type { MarketSymbol } from '@/api/types';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { Panel } from '@/components/panel';
import { Empty } from '@/components/states';
import { price } from '@/lib/format';
import { isStale } from '@/stream/health';
import { useWatch } from '@/stream/stream-provider';
import { useTickDirection } from './use-tick-direction';

const SHOWN = 12;

function Row({ item, selected, onSelect }: { readonly item: MarketSymbol; readonly selected: boolean; readonly onSelect: (symbol: string) => void }): ReactNode {
  const quote = useQuote(item.symbol);
  const halt = useTradingState(item.symbol);
  const clock = useQuery(clockQuery).data;
  const direction = useTickDirection(quote?.last);
  const stale = quote !== null && isStale(quote.market_time, clock?.market_time, clock?.speed ?? 1);
  return (
    <li>
      <button type="button" className="watch" aria-pressed={selected} onClick={() => onSelect(item.symbol)}>
        <span className="watch__name">
          <strong>{item.symbol}</strong>
          <span className="muted small">{item.name}</span>
        </span>
        {halt?.halted && (
          <Badge tone="danger" title={halt.reason}>
            Halted
          </Badge>
        )}
        {stale && <Badge tone="warn">Stale</Badge>}
        <span className="watch__price">
          {quote ? (
            <>
              <span className={direction === 0 ? undefined : direction > 0 ? 'up' : 'down'}>
                <span aria-hidden="true">{direction === 0 ? '' : direction > 0 ? '▲ ' : '▼ '}</span>
                {price(quote.last)}
              </span>
              <span className="muted small">
                {price(quote.bid)} / {price(quote.ask)}
              </span>
            </>
          ) : (
            <span className="muted small">No quote</span>
          )}
        </span>
      </button>
    </li>
  );
}

interface WatchlistProps {
  readonly symbols: readonly MarketSymbol[];
  readonly selected: string;
  readonly onSelect: (symbol: string) => void;
}

/** Live prices; the arrow tells the direction of the last change. */
export function Watchlist({ symbols, selected, onSelect }: WatchlistProps): ReactNode {
  const [all, setAll] = useState(false);
  const shown = all ? symbols : symbols.slice(0, SHOWN);
  useWatch(shown.map((item) => item.symbol));
  return (
    <Panel title="Watchlist" flush>
      {shown.length === 0 && <Empty title="No symbols are stored yet" />}
      <ul className={all ? 'watchlist watchlist--all' : 'watchlist'}>
        {shown.map((item) => (
          <Row key={item.symbol} item={item} selected={item.symbol === selected} onSelect={onSelect} />
        ))}
      </ul>
      {symbols.length > SHOWN && (
        <Button variant="quiet" shape="block" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${symbols.length}`}
        </Button>
      )}
    </Panel>
  );
}
