import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { positionsQuery } from '@/api/portfolio';
import type { Position } from '@/api/types';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { Empty, QueryView } from '@/components/states';
import { MoneyChange } from '@/components/stat';
import { download, toCsv } from '@/lib/csv';
import * as decimal from '@/lib/decimal';
import { money, percent, price, quantity } from '@/lib/format';

const COLUMNS: readonly Column<Position>[] = [
  {
    key: 'symbol',
    header: 'Symbol',
    cell: (row) => (
      <Link className="link-button" to={`/trading?symbol=${encodeURIComponent(row.symbol)}`}>
        {row.symbol}
      </Link>
    ),
  },
  { key: 'quantity', header: 'Quantity', number: true, cell: (row) => quantity(row.quantity) },
  { key: 'average', header: 'Average cost', number: true, cell: (row) => price(row.average_cost) },
  { key: 'mark', header: 'Mark', number: true, cell: (row) => (row.mark === null ? <span className="muted">No quote</span> : price(row.mark)) },
  { key: 'value', header: 'Market value', number: true, cell: (row) => money(row.market_value) },
  { key: 'unrealised', header: 'Unrealised', number: true, cell: (row) => <MoneyChange value={row.unrealised_pnl} /> },
  { key: 'realised', header: 'Realised', number: true, cell: (row) => <MoneyChange value={row.realised_pnl} /> },
  { key: 'fees', header: 'Fees', number: true, cell: (row) => money(row.fees) },
  { key: 'weight', header: 'Weight', number: true, cell: (row) => percent(row.weight, 1) },
];

function save(positions: readonly Position[]): void {
  const header = ['symbol', 'quantity', 'average_cost', 'mark', 'market_value', 'unrealised_pnl', 'realised_pnl', 'fees', 'weight'];
  const rows = positions.map((row) => [
    row.symbol,
    row.quantity,
    row.average_cost,
    row.mark,
    row.market_value,
    row.unrealised_pnl,
    row.realised_pnl,
    row.fees,
    row.weight,
  ]);
  download('positions.csv', toCsv(header, rows));
}

/** Open positions first; closed ones stay for their realised result. */
export function Positions(): ReactNode {
  const query = useQuery(positionsQuery);
  const positions = [...(query.data ?? [])].sort(
    (a, b) => Math.abs(decimal.sign(b.quantity)) - Math.abs(decimal.sign(a.quantity)) || a.symbol.localeCompare(b.symbol),
  );
  return (
    <Panel title="Positions" flush actions={positions.length > 0 && <Button variant="quiet" onClick={() => save(positions)}>Export CSV</Button>}>
      <QueryView query={query} what="Positions">
        {() =>
          positions.length === 0 ? (
            <Empty title="No positions" action={<Link className="button" to="/trading">Place an order</Link>}>
              A position appears when an order fills.
            </Empty>
          ) : (
            <DataTable caption="Positions" columns={COLUMNS} rows={positions} rowKey={(row) => row.symbol} />
          )
        }
      </QueryView>
    </Panel>
  );
}
