import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { ordersQuery } from '@/api/orders';
import { Panel } from '@/components/panel';
import { StatusBadge } from '@/components/status-badge';
import { Empty, Failure, Loading } from '@/components/states';
import { price, quantity } from '@/lib/format';

export function OpenOrders(): ReactNode {
  const query = useInfiniteQuery(ordersQuery('open'));
  const orders = query.data?.pages.flatMap((page) => page.items);
  return (
    <Panel title="Open orders" flush actions={<Link className="link-button" to="/trading">Trading</Link>}>
      {query.isPending && <Loading lines={2} label="Loading open orders" />}
      {query.isError && !orders && <Failure what="Open orders" error={query.error} onRetry={() => void query.refetch()} />}
      {orders?.length === 0 && <Empty title="No open orders" />}
      <ul>
        {orders?.slice(0, 6).map((order) => (
          <li key={order.id}>
            <Link className="line" to={`/trading?symbol=${encodeURIComponent(order.symbol)}&order=${order.id}`}>
              <span>
                <strong className={order.side === 'buy' ? 'up' : 'down'}>{order.side === 'buy' ? 'Buy' : 'Sell'}</strong> {quantity(order.quantity)} {order.symbol}
                <span className="muted small"> {order.limit_price ? `limit ${price(order.limit_price)}` : 'market'}</span>
              </span>
              <StatusBadge status={order.status} />
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
