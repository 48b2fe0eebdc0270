import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { orderQuery } from '@/api/orders';
import type { OrderDetail, OrderEvent, RiskCheck } from '@/api/types';
import { Notice } from '@/components/badge';
import { Dialog } from '@/components/dialog';
import { StatusBadge } from '@/components/status-badge';
import { QueryView } from '@/components/states';
import { price, quantity, words } from '@/lib/format';
import { dateTime } from '@/lib/format-time';
import { useSymbolZone } from '@/api/use-zone';
import { FillBar } from './fill-bar';
import { CheckList } from './preview-card';

/** A denial's reason is said once, above. */
function payloadText({ kind, payload }: OrderEvent): string {
  return Object.entries(payload)
    .filter(([name]) => kind !== 'denied' || name !== 'reason')
    .filter(([, value]) => value !== null && value !== '' && typeof value !== 'object')
    .map(([name, value]) => `${words(name).toLowerCase()} ${String(value)}`)
    .join(' · ');
}

function Timeline({ symbol, events }: Pick<OrderDetail, 'symbol' | 'events'>): ReactNode {
  const zone = useSymbolZone(symbol);
  return (
    <ol className="timeline" aria-label="What happened, in order">
      {events.map((event) => (
        <li key={event.seq} className="timeline__item">
          <span className="row row--between">
            <strong>{words(event.kind)}</strong>
            <StatusBadge status={event.status_after} />
          </span>
          <span className="small muted">
            Wall time {dateTime(event.wall_time, zone)}
            <br />
            {event.market_time ? `Market time ${dateTime(event.market_time, zone)}` : 'No market time'}
          </span>
          {payloadText(event) && <span className="small mono">{payloadText(event)}</span>}
        </li>
      ))}
    </ol>
  );
}

function reasonsOf(checks: readonly RiskCheck[]): string[] {
  return [...new Set(checks.filter((check) => !check.passed && check.message).map((check) => check.message))];
}

function Reasons({ reasons }: { readonly reasons: readonly string[] }): ReactNode {
  return (
    <ul className="reasons">
      {reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}

/** Everything about one order. */
export function Details({ order }: { readonly order: OrderDetail }): ReactNode {
  const refused = order.status === 'denied' || order.status === 'rejected';
  const denials = order.status === 'denied' ? reasonsOf(order.checks) : [];
  return (
    <>
      <div className="row row--between">
        <StatusBadge status={order.status} />
        <FillBar filled={order.filled_quantity} total={order.quantity} />
      </div>
      {order.reason && <Notice tone={refused ? 'danger' : 'plain'}>{denials.length > 1 ? <Reasons reasons={denials} /> : order.reason}</Notice>}
      <dl className="facts">
        <dt>Type</dt>
        <dd>{order.limit_price ? `Limit ${price(order.limit_price)}` : 'Market'}</dd>
        <dt>Time in force</dt>
        <dd>{order.time_in_force.toUpperCase()}</dd>
        <dt>Average fill price</dt>
        <dd>{price(order.average_fill_price)}</dd>
        <dt>Client order id</dt>
        <dd className="mono">{order.client_order_id}</dd>
        {order.job_id && (
          <>
            <dt>From analysis</dt>
            <dd>
              <Link to={`/analysis/${order.job_id}`}>Open the result</Link>
            </dd>
          </>
        )}
      </dl>
      <h3>Timeline</h3>
      <Timeline symbol={order.symbol} events={order.events} />
      {order.checks.length > 0 && (
        <>
          <h3>Risk checks at submission</h3>
          <CheckList checks={order.checks} reasonsAbove={denials.length > 0} />
        </>
      )}
    </>
  );
}

function Loaded({ id }: { readonly id: string }): ReactNode {
  const query = useQuery(orderQuery(id));
  return (
    <QueryView query={query} what="The order" lines={8}>
      {(order) => (
        <>
          <p>
            <strong className={order.side === 'buy' ? 'up' : 'down'}>{order.side === 'buy' ? '▲ Buy' : '▼ Sell'}</strong> {quantity(order.quantity)} {order.symbol}
          </p>
          <Details order={order} />
        </>
      )}
    </QueryView>
  );
}

export function OrderDrawer({ id, onClose }: { readonly id: string | null; readonly onClose: () => void }): ReactNode {
  return (
    <Dialog kind="drawer" open={id !== null} onClose={onClose} title="Order">
      {id && <Loaded id={id} />}
    </Dialog>
  );
}
