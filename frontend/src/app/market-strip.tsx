import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { clockQuery } from '@/api/data';
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
