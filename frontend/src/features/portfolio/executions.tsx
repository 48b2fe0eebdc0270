import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { executionsQuery } from '@/api/portfolio';
import type { Execution } from '@/api/types';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { Empty, Failure, Loading } from '@/components/states';
import { download, toCsv } from '@/lib/csv';
import { multiply } from '@/lib/decimal';
import { money, price, quantity } from '@/lib/format';
import { dateTime, type Zone } from '@/lib/format-time';
import { useZoneOf } from '@/api/use-zone';

function columns(zoneOf: (symbol: string) => Zone): readonly Column<Execution>[] {
  return [
    { key: 'time', header: 'Market time', cell: (row) => <span title={`Wall time ${dateTime(row.wall_time, zoneOf(row.symbol))}`}>{dateTime(row.market_time, zoneOf(row.symbol))}</span> },
    {
      key: 'symbol',
      header: 'Symbol',
      cell: (row) => (
        <Link className="link-button" to={`/trading?symbol=${encodeURIComponent(row.symbol)}&status=all&order=${row.order_id}`}>
          {row.symbol}
        </Link>
      ),
    },
    { key: 'side', header: 'Side', cell: (row) => <span className={row.side === 'buy' ? 'up' : 'down'}>{row.side === 'buy' ? '▲ Buy' : '▼ Sell'}</span> },
    { key: 'quantity', header: 'Quantity', number: true, cell: (row) => quantity(row.quantity) },
    { key: 'price', header: 'Price', number: true, cell: (row) => price(row.price) },
    { key: 'value', header: 'Value', number: true, cell: (row) => money(multiply(row.quantity, row.price)) },
    { key: 'fee', header: 'Fee', number: true, cell: (row) => money(row.fee) },
  ];
}

function save(executions: readonly Execution[]): void {
  const header = ['execution_id', 'order_id', 'symbol', 'side', 'quantity', 'price', 'fee', 'market_time', 'wall_time'];
  const rows = executions.map((row) => [
    row.execution_id,
    row.order_id,
    row.symbol,
    row.side,
    row.quantity,
    row.price,
    row.fee,
    row.market_time,
    row.wall_time,
  ]);
  download('executions.csv', toCsv(header, rows));
}

/** What the broker traded, newest first. The export holds what is loaded. */
export function Executions(): ReactNode {
  const query = useInfiniteQuery(executionsQuery);
  const zoneOf = useZoneOf();
  const executions = query.data?.pages.flatMap((page) => page.items);
  return (
    <Panel
      title="Executions"
      flush
      actions={executions && executions.length > 0 && <Button variant="quiet" onClick={() => save(executions)}>Export CSV</Button>}
    >
      {query.isPending && <Loading label="Loading executions" />}
      {query.isError && !executions && <Failure what="Executions" error={query.error} onRetry={() => void query.refetch()} />}
      {executions?.length === 0 && <Empty title="Nothing was traded yet" />}
      {executions && executions.length > 0 && (
        <DataTable caption="Executions" columns={columns(zoneOf)} rows={executions} rowKey={(row) => row.execution_id} tall />
      )}
      {query.hasNextPage && (
        <Button variant="quiet" shape="block" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Load older executions
        </Button>
      )}
    </Panel>
  );
}
