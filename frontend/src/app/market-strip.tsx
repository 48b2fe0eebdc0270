import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { clockQuery } from '@/api/data';
import { accountsQuery } from '@/api/portfolio';
import type { Account, MarketClock } from '@/api/types';
import { Badge } from '@/components/badge';
import { dateTime } from '@/lib/format-time';
import { useZone } from '@/api/use-zone';
import { FeedBadge } from './feed-badge';

const TEXT: Record<MarketClock['mode'], string> = {
  replay: 'Stored bars are replayed as live quotes',
  live: 'Live market data',
  closed: 'No feed is running: prices do not move',
};

const DATE_LENGTH = '2026-11-28'.length;

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

/** The moment; its date gives way on a narrow screen where it is that of today. */
function MarketTime({ at, live }: { readonly at: string; readonly live: boolean }): ReactNode {
  const text = dateTime(at, useZone());
  const date = text.slice(0, DATE_LENGTH);
  return (
    <time dateTime={at} title={text}>
      <span className={live ? 'strip__wide' : undefined}>{date} </span>
      {text.slice(DATE_LENGTH + 1)}
    </time>
  );
}

/** Which market and which money: always in sight. */
export function MarketStrip(): ReactNode {
  const clock = useQuery(clockQuery).data;
  const accounts = useQuery(accountsQuery);
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
                <MarketTime at={clock.market_time} live={clock.mode === 'live'} />
              </span>
            )}
            {clock.mode === 'replay' && <span className="muted">×{clock.speed.toLocaleString('en-US')}</span>}
          </>
        )}
        <span className="strip__end">
          {accounts.isError && !accounts.data && (
            <Badge tone="warn" title="Your accounts could not be read, so it is not known whether orders are paper or real money">
              Account unknown
            </Badge>
          )}
          {accounts.data?.map((account) => (
            <AccountBadges key={account.id} account={account} />
          ))}
        </span>
      </div>
    </aside>
  );
}
