import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { feedQuery } from '@/api/data';
import { Badge } from '@/components/badge';
import { dateTime } from '@/lib/format-time';
import { useZone } from '@/api/use-zone';

const BEHIND_BYTES = 1 << 20;

/** What of a live feed needs somebody's eye; the rest of its counters is in GET /v1/data/feed. */
export function FeedBadge(): ReactNode {
  const report = useQuery(feedQuery).data;
  const zone = useZone();
  if (!report) return null;
  const count = (name: string): number => report.counts[name] ?? 0;
  const lost = count('spool_full') + count('dropped_quotes') + count('backfill_given_up');
  const waiting = count('spool_bars_bytes') + count('spool_quotes_bytes');
  if (!report.running) return <Badge tone="danger">Feed stopped</Badge>;
  if (lost > 0) {
    return (
      <Badge tone="danger" title={`${lost.toLocaleString('en-US')} quotes, bars or fetches of ${report.feed} were given up since ${report.started_at ? dateTime(report.started_at, zone) : 'it started'}`}>
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
