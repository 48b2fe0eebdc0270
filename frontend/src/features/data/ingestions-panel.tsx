import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ingestionsQuery } from '@/api/quality';
import type { Ingestion } from '@/api/types';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { StatusBadge } from '@/components/status-badge';
import { Empty, Failure, Loading } from '@/components/states';
import { count, words } from '@/lib/format';
import { dateTime, type Zone } from '@/lib/format-time';
import { useZone } from '@/api/use-zone';

const FETCH = /^fetch ([0-9a-f]{8})[0-9a-f-]+$/;

/** A file by its name, and a fetch by the head of its number, which tells those on a page apart. */
const fileOf = ({ filename }: Ingestion): string => filename.replace(FETCH, 'Fetch $1') || '–';

/** How a fetch that did not end well did end; else the ingestion's own state. */
function stateOf({ state, error }: Ingestion): string {
  const code = error?.['code'];
  return code === 'partly' || code === 'cancelled' ? code : state;
}

/** Why it failed, then what was found. */
function remarkOf({ error, findings }: Ingestion): string {
  const message = error?.['message'];
  const found = findings.map((one) => `${words(one.code)} ${count(one.rows)}`).join(', ');
  return [typeof message === 'string' ? message : '', found].filter(Boolean).join('; ') || '–';
}

function columns(zone: Zone): readonly Column<Ingestion>[] {
  return [
    { key: 'created', header: 'Taken in', cell: (row) => dateTime(row.created_at, zone) },
    { key: 'file', header: 'File', cell: (row) => <span className="wrap">{fileOf(row)}</span> },
    { key: 'source', header: 'Source', cell: (row) => row.source },
    { key: 'size', header: 'Bars', cell: (row) => row.bar_size },
    { key: 'state', header: 'State', cell: (row) => <StatusBadge status={stateOf(row)} /> },
    { key: 'read', header: 'Read', number: true, cell: (row) => count(row.rows_read) },
    { key: 'stored', header: 'New', number: true, cell: (row) => count(row.rows_inserted) },
    { key: 'updated', header: 'Changed', number: true, cell: (row) => count(row.rows_updated) },
    { key: 'quarantined', header: 'Quarantined', number: true, cell: (row) => count(row.rows_quarantined) },
    { key: 'findings', header: 'Findings', cell: (row) => <span className="wrap">{remarkOf(row)}</span> },
  ];
}

/** What the user's files and fetches brought, newest first; read again while one is under way. */
export function IngestionsPanel(): ReactNode {
  const zone = useZone();
  const query = useInfiniteQuery(ingestionsQuery);
  const rows = query.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title="Your ingestions" flush>
      {query.isPending && <Loading lines={3} label="Loading ingestions" />}
      {query.isError && !rows && <Failure what="Ingestions" error={query.error} onRetry={() => void query.refetch()} />}
      {rows?.length === 0 && <Empty title="You have taken nothing in yet">Fetch bars above, or load a file with “causeway ingest”.</Empty>}
      {rows && rows.length > 0 && <DataTable caption="Ingestions" columns={columns(zone)} rows={rows} rowKey={(row) => row.id} tall />}
      {query.hasNextPage && (
        <Button variant="quiet" shape="block" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show older ingestions
        </Button>
      )}
    </Panel>
  );
}
