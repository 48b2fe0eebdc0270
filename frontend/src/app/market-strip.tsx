import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { clockQuery, feedQuery } from '@/api/data';
import { accountsQuery } from '@/api/portfolio';
import type { Account, MarketClock } from '@/api/types';
import { Badge } from '@/components/badge';
import { dateTime } from '@/lib/format-time';
import { useZone } from '@/lib/preferences';

const TEXT: Record<MarketClock['mode'], string> = {
  replay: 'Stored bars are replayed as live quotes',
  live: 'Live market data',
  closed: 'No feed is running: prices do not move',
};

const BEHIND_BYTES = 1 << 20;

function AccountBadges({ account }: { readonly account: Account }): ReactNode {
  return (
    <>
      <Badge tone={account.broker === 'paper' ? 'accent' : 'danger'} title={`Account ${account.name}`}>
        {account.broker === 'paper' ? 'PAPER' : `REAL MONEY · ${account.broker.toUpperCase()}`}
      </Badge>
      {account.state !== 'active' && (
        <Badge tone="danger" title={account.state_reason}>
          TRADING {account.state.toUpperCase()}
        </Badge>
      )}
      {!account.gateway_alive && (
        <Badge tone="warn" title="Orders are stored and wait until the broker gateway is back">
          Gateway down
        </Badge>
      )}
    </>
  );
}

/** What of a live feed needs somebody's eye; the rest of its counters is in GET /v1/data/feed. */
function FeedBadge(): ReactNode {
  const report = useQuery(feedQuery).data;
  if (!report) return null;
  const count = (name: string): number => report.counts[name] ?? 0;
  const lost = count('spool_full') + count('dropped_quotes') + count('backfill_given_up');
  const waiting = count('spool_bars_bytes') + count('spool_quotes_bytes');
  if (!report.running) return <Badge tone="danger">Feed stopped</Badge>;
  if (lost > 0) {
    return (
      <Badge tone="danger" title={`${lost.toLocaleString('en-US')} quotes, bars or fetches of ${report.feed} were given up since it started`}>
        Feed lost data
      </Badge>
    );
  }
  return waiting > BEHIND_BYTES ? (
    <Badge tone="warn" title="The database does not take live data; it waits on disk and nothing is lost">
      Database behind
    </Badge>
  ) : null;
}

/** Which market and which money: always in sight. */
export function MarketStrip(): ReactNode {
  const clock = useQuery(clockQuery).data;
  const accounts = useQuery(accountsQuery).data;
  const zone = useZone();
  return (
    <aside className="strip" aria-label="Market and account">
      <div className="strip__inner">
        {clock && (
          <>
            <Badge tone={clock.mode === 'replay' ? 'warn' : clock.mode === 'live' ? 'ok' : 'plain'} title={TEXT[clock.mode]}>
              {clock.mode.toUpperCase()}
            </Badge>
            {clock.mode === 'live' && <FeedBadge />}
            {clock.market_time && (
              <span>
                <span className="muted strip__wide">Market time </span>
                <time dateTime={clock.market_time}>{dateTime(clock.market_time, zone)}</time>
              </span>
            )}
            {clock.mode === 'replay' && <span className="muted">×{clock.speed.toLocaleString('en-US')}</span>}
          </>
        )}
        <span className="strip__end">
          {accounts?.map((account) => (
            <AccountBadges key={account.id} account={account} />
          ))}
        </span>
      </div>
    </aside>
  );
}
