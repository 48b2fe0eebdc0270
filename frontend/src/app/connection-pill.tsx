import type { ReactNode } from 'react';
import { age } from '@/lib/format-time';
import { useNow } from '@/lib/use-interval';
import { type Health, healthOf, useStreamStatus } from '@/stream/health';

const WORDS: Record<Health, string> = { connecting: 'Connecting', live: 'Live', stale: 'Stale', down: 'Down' };

/** How fresh the live data is. The age is the wall time since the last market message. */
export function ConnectionPill(): ReactNode {
  const status = useStreamStatus();
  const now = useNow();
  const health = healthOf(status, now);
  const since = status.lastDataAt === null ? null : age(now - status.lastDataAt);
  const hint = since ? `Last market data ${since} ago` : 'No market data yet';
  return (
    <span className={`pill pill--${health}`} title={hint}>
      <span className="pill__dot" aria-hidden="true" />
      <span role="status" className="pill__word">
        <span className="visually-hidden">Connection: </span>
        {WORDS[health]}
      </span>
      {since && <span className="pill__age">{since}</span>}
    </span>
  );
}
