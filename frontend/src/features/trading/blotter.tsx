import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { isOpen, ordersQuery, useCancelOrder } from '@/api/orders';
import { atLeast, useRole } from '@/api/session';
import type { Order } from '@/api/types';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { StatusBadge } from '@/components/status-badge';
import { Empty, Failure, Loading } from '@/components/states';
import { notify, notifyError } from '@/components/toasts';
import { price, quantity, words } from '@/lib/format';
import { clockInZone, dateTime, type Zone } from '@/lib/format-time';
import { useZoneOf } from '@/api/use-zone';
import { FillBar } from './fill-bar';

interface BlotterProps {
  readonly status: 'open' | 'all';
  readonly current: string | null;
  readonly onStatus: (status: 'open' | 'all') => void;
  readonly onOrder: (id: string) => void;
}

interface CellTools {
  readonly zoneOf: (symbol: string) => Zone;
  readonly onOrder: (id: string) => void;
  readonly cancel: ((order: Order) => void) | null;
}

function columns({ zoneOf, onOrder, cancel }: CellTools): readonly Column<Order>[] {
  return [
    {
      key: 'time',
      header: 'Submitted',
      cell: (row) => (
        <button type="button" className="link-button" title={`Market time ${dateTime(row.submitted_market_time, zoneOf(row.symbol))}`} onClick={() => onOrder(row.id)}>
          {clockInZone(row.submitted_at, zoneOf(row.symbol))}
          <span className="visually-hidden">, details of this order</span>
        </button>
      ),
    },
    {
      key: 'order',
      header: 'Order',
      cell: (row) => (
        <span>
          <span className={row.side === 'buy' ? 'up' : 'down'}>{row.side === 'buy' ? '▲ Buy' : '▼ Sell'}</span> <strong>{row.symbol}</strong>
        </span>
      ),
    },
    { key: 'quantity', header: 'Filled', number: true, cell: (row) => <FillBar filled={row.filled_quantity} total={row.quantity} /> },
    {
      key: 'type',
      header: 'Type',
      cell: (row) => `${row.limit_price ? `Limit ${price(row.limit_price)}` : 'Market'} · ${row.time_in_force.toUpperCase()}`,
    },
    { key: 'average', header: 'Average', number: true, cell: (row) => price(row.average_fill_price) },
    {
      key: 'status',
      header: 'Status',
      cell: (row) => (
        <span className="blotter__status">
          <StatusBadge status={row.status} />
          {row.reason && <span className="small muted">{row.reason}</span>}
        </span>
      ),
    },
    {
      key: 'cancel',
      header: 'Cancel',
      cell: (row) =>
        cancel && isOpen(row) ? (
          <Button disabled={row.status === 'pending_cancel'} onClick={() => cancel(row)} aria-label={`Cancel ${row.side} ${quantity(row.quantity)} ${row.symbol}`}>
            Cancel
          </Button>
        ) : null,
    },
  ];
}

function useCancel(): (order: Order) => void {
  const mutation = useCancelOrder();
  return (order) =>
    mutation.mutate(order.id, {
      onSuccess: (answer) => notify('Cancel requested', `${answer.symbol}: ${words(answer.status).toLowerCase()}`),
      onError: (error) => notifyError('Cancel failed', error),
    });
}

/** Orders as they stand, changed by the socket while one looks. */
export function Blotter({ status, current, onStatus, onOrder }: BlotterProps): ReactNode {
  const query = useInfiniteQuery(ordersQuery(status));
  const zoneOf = useZoneOf();
  const mayTrade = atLeast(useRole(), 'trader');
  const cancel = useCancel();
  const orders = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data]);
  return (
    <Panel
      title="Orders"
      flush
      actions={
        <div className="choice choice--small" role="group" aria-label="Which orders">
          {(['open', 'all'] as const).map((value) => (
            <button key={value} type="button" className="choice__button" aria-pressed={status === value} onClick={() => onStatus(value)}>
              {words(value)}
            </button>
          ))}
        </div>
      }
    >
      {query.isPending && <Loading label="Loading orders" />}
      {query.isError && !orders && <Failure what="Orders" error={query.error} onRetry={() => void query.refetch()} />}
      {orders?.length === 0 && (
        <Empty title={status === 'open' ? 'No open orders' : 'No orders yet'}>
          {status === 'open' ? 'Filled, cancelled and refused orders are under “All”.' : 'Use the ticket to place one.'}
        </Empty>
      )}
      {orders && orders.length > 0 && (
        <DataTable
          caption="Orders"
          columns={columns({ zoneOf, onOrder, cancel: mayTrade ? cancel : null })}
          rows={orders}
          rowKey={(row) => row.id}
          current={current}
        />
      )}
      {query.hasNextPage && (
        <Button variant="quiet" shape="block" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Load older orders
        </Button>
      )}
    </Panel>
  );
}
