import type { ReactNode } from 'react';
import type { SignalOrders } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Empty } from '@/components/states';
import { money, percent, price, quantity } from '@/lib/format';

type Planned = SignalOrders['planned'][number];

const COLUMNS: readonly Column<Planned>[] = [
  { key: 'symbol', header: 'Symbol', cell: (row) => <strong>{row.symbol}</strong> },
  { key: 'side', header: 'Side', cell: (row) => <span className={row.side === 'buy' ? 'up' : 'down'}>{row.side === 'buy' ? '▲ Buy' : '▼ Sell'}</span> },
  { key: 'quantity', header: 'Quantity', number: true, cell: (row) => quantity(row.quantity) },
  { key: 'price', header: 'Price now', number: true, cell: (row) => price(row.reference_price) },
  { key: 'notional', header: 'Notional', number: true, cell: (row) => money(row.notional) },
  { key: 'weight', header: 'Weight', number: true, cell: (row) => percent(row.weight, 1) },
  { key: 'held', header: 'Held now', number: true, cell: (row) => quantity(row.current_quantity) },
];

/** What would be ordered, and what would not, with the reason. */
export function PlannedOrders({ plan }: { readonly plan: SignalOrders }): ReactNode {
  const skipped = Object.entries(plan.skipped);
  return (
    <div className="planned">
      {plan.planned.length > 0 ? (
        <DataTable caption="Planned orders" columns={COLUMNS} rows={plan.planned} rowKey={(row) => row.symbol} />
      ) : (
        <Empty title="Nothing to order">The account already holds what the signal asks for, or every symbol is skipped.</Empty>
      )}
      {skipped.length > 0 && (
        <ul className="planned__skipped small muted" aria-label="Skipped symbols">
          {skipped.map(([symbol, reason]) => (
            <li key={symbol}>
              <strong>{symbol}</strong> is skipped: {reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
