import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { positionsQuery, summaryQuery } from '@/api/portfolio';
import type { Summary } from '@/api/types';
import { Panel } from '@/components/panel';
import { QueryView } from '@/components/states';
import { MoneyChange, PercentChange, Stat, Stats } from '@/components/stat';
import * as decimal from '@/lib/decimal';
import { money } from '@/lib/format';
import { dateTime } from '@/lib/format-time';
import { useZone } from '@/api/use-zone';

/** Cash + positions = equity, with the numbers that are shown. Exact decimals: a cent off would be seen. */
function Reconciliation({ summary }: { readonly summary: Summary }): ReactNode {
  const zone = useZone();
  const currency = summary.account.currency;
  const total = decimal.add(summary.cash, summary.positions_value);
  const gap = decimal.subtract(summary.equity, total);
  return (
    <p className="muted">
      Cash {money(summary.cash, currency)} + positions {money(summary.positions_value, currency)} ={' '}
      <strong>{money(total, currency)}</strong>
      {decimal.sign(gap) === 0 ? (
        <span className="reconciled"> ✓ equals equity</span>
      ) : (
        <span className="down"> differs from equity by {money(gap, currency)}</span>
      )}
      {summary.market_time && <> · valued at market time {dateTime(summary.market_time, zone)}</>}
    </p>
  );
}

function Numbers({ summary }: { readonly summary: Summary }): ReactNode {
  const open = useQuery(positionsQuery).data?.filter((position) => decimal.sign(position.quantity) !== 0).length;
  const currency = summary.account.currency;
  return (
    <div className="stack stack--tight">
      <Stats label="Portfolio">
        <Stat label="Equity" detail={summary.account.name}>
          {money(summary.equity, currency)}
        </Stat>
        <Stat label="Day P&L">
          <MoneyChange value={summary.day_pnl} currency={currency} />
        </Stat>
        <Stat label="Unrealised P&L" detail={open === undefined ? undefined : `${open} open ${open === 1 ? 'position' : 'positions'}`}>
          <MoneyChange value={summary.unrealised_pnl} currency={currency} />
        </Stat>
        <Stat label="Realised P&L" detail={`Fees ${money(summary.fees, currency)}`}>
          <MoneyChange value={summary.realised_pnl} currency={currency} />
        </Stat>
        <Stat label="Exposure" detail={`Net ${money(summary.net_exposure, currency)}`}>
          {money(summary.gross_exposure, currency)}
        </Stat>
        <Stat label="Drawdown" detail={`Buying power ${money(summary.buying_power, currency)}`}>
          <PercentChange value={-Math.abs(summary.drawdown)} />
        </Stat>
      </Stats>
      <Reconciliation summary={summary} />
    </div>
  );
}

export function SummaryNumbers(): ReactNode {
  const query = useQuery(summaryQuery);
  if (query.data) return <Numbers summary={query.data} />;
  return (
    <Panel title="Account">
      <QueryView query={query} what="The account" lines={3}>
        {() => null}
      </QueryView>
    </Panel>
  );
}
