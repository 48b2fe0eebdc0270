import type { ReactNode } from 'react';
import type { Alert } from '@/api/types';
import { Badge, type Tone } from '@/components/badge';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { words } from '@/lib/format';
import { dateTime, type Zone } from '@/lib/format-time';
import { useZone } from '@/api/use-zone';

const TONES: Readonly<Record<Alert['severity'], Tone>> = { critical: 'danger', warning: 'warn', info: 'accent' };

function columns(zone: Zone, onSeen: (id: number) => void): readonly Column<Alert>[] {
  return [
    { key: 'at', header: 'When', cell: (row) => <time dateTime={row.created_at}>{dateTime(row.created_at, zone)}</time> },
    { key: 'severity', header: 'Severity', cell: (row) => <Badge tone={TONES[row.severity]}>{words(row.severity)}</Badge> },
    { key: 'kind', header: 'About', cell: (row) => <span className="wrap">{words(row.kind)}</span> },
    { key: 'text', header: 'What', cell: (row) => <span className="wrap">{row.text}</span> },
    {
      key: 'seen',
      header: 'Seen',
      cell: (row) =>
        row.resolved_at ? (
          'Resolved'
        ) : row.acknowledged ? (
          'Seen'
        ) : (
          <Button onClick={() => onSeen(row.id)} aria-label={`Mark as seen: ${row.text}`}>
            Mark as seen
          </Button>
        ),
    },
  ];
}

export function AlertTable({ rows, onSeen }: { readonly rows: readonly Alert[]; readonly onSeen: (id: number) => void }): ReactNode {
  return <DataTable caption="Alerts" columns={columns(useZone(), onSeen)} rows={rows} rowKey={(row) => String(row.id)} />;
}
