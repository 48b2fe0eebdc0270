import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { clockQuery, useQuote } from '@/api/data';
import { Badge } from '@/components/badge';
import { price } from '@/lib/format';
import { clockTime, zoneAt } from '@/lib/format-time';
import { useSymbolZone } from '@/api/use-zone';
import { isStale } from '@/stream/health';

export function QuoteLine({ symbol }: { readonly symbol: string }): ReactNode {
  const quote = useQuote(symbol);
  const clock = useQuery(clockQuery).data;
  const zone = useSymbolZone(symbol);
  if (!quote) return <p className="muted small">No live quote of {symbol || 'this symbol'}.</p>;
  const stale = isStale(quote.market_time, clock?.market_time, clock?.speed ?? 1);
  return (
    <dl className="quote">
      <div>
        <dt>Bid</dt>
        <dd>{price(quote.bid)}</dd>
      </div>
      <div>
        <dt>Ask</dt>
        <dd>{price(quote.ask)}</dd>
      </div>
      <div>
        <dt>Last</dt>
        <dd>{price(quote.last)}</dd>
      </div>
      <div>
        <dt>At ({zoneAt(quote.market_time, zone)})</dt>
        <dd>{stale ? <Badge tone="warn">Stale</Badge> : clockTime(quote.market_time, zone)}</dd>
      </div>
    </dl>
  );
}
