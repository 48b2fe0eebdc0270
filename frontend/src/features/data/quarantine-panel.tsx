import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { quarantineQuery } from '@/api/quality';
import type { QuarantinedRow } from '@/api/types';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { Empty, Failure, Loading } from '@/components/states';
import { count, words } from '@/lib/format';

const ORDER = ['symbol', 'time', 'date', 'open', 'high', 'low', 'close', 'volume'];

/** In the order of a bar: the store keeps none. */
function asBar(raw: QuarantinedRow['raw']): [string, unknown][] {
  const at = (name: string): number => [...ORDER, name.toLowerCase()].indexOf(name.toLowerCase());
  return Object.entries(raw).sort(([a], [b]) => at(a) - at(b));
}

const COLUMNS: readonly Column<QuarantinedRow>[] = [
  { key: 'row', header: 'Row', number: true, cell: (row) => count(row.row_number) },
  { key: 'time', header: 'Time', cell: (row) => row.row_time || '–' },
  { key: 'size', header: 'Bar size', cell: (row) => row.bar_size },
  { key: 'codes', header: 'Reason', cell: (row) => row.reasons.map((reason) => words(reason.code)).join(', ') },
  { key: 'found', header: 'Found', cell: (row) => <span className="wrap">{row.reasons.map((reason) => reason.message).join('; ')}</span> },
  {
    key: 'raw',
    header: 'As it was',
    cell: (row) => <span className="wrap mono small">{asBar(row.raw).map(([name, value]) => `${name}=${String(value)}`).join(' ')}</span>,
  },
];

/** Rows of the user's files that were not stored, with every reason; whole, so that they can be mended and loaded again. */
export function QuarantinePanel({ symbol }: { readonly symbol: string }): ReactNode {
  const query = useInfiniteQuery({ ...quarantineQuery(symbol), enabled: symbol !== '' });
  const rows = query.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title="Quarantine" flush>
      {symbol === '' && <Empty title="Choose a series" />}
      {symbol !== '' && query.isPending && <Loading lines={2} label="Loading quarantine" />}
      {query.isError && !rows && <Failure what="Quarantine" error={query.error} onRetry={() => void query.refetch()} />}
      {rows?.length === 0 && <Empty title={`No row of ${symbol} is in quarantine`} />}
      {rows && rows.length > 0 && <DataTable caption={`Rows of ${symbol} in quarantine`} columns={COLUMNS} rows={rows} rowKey={(row) => String(row.id)} tall />}
      {query.hasNextPage && (
        <Button variant="quiet" shape="block" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show older rows
        </Button>
      )}
    </Panel>
  );
}
