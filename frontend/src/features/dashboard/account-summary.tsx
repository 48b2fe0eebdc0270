import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { summaryQuery } from '@/api/portfolio';
import { Panel } from '@/components/panel';
import { QueryView } from '@/components/states';
import { MoneyChange, PercentChange, Stat, Stats } from '@/components/stat';
import { money } from '@/lib/format';

/** As high as the numbers, so that nothing below them moves when they come. */
function Waiting(): ReactNode {
  return (
    <div role="status" aria-label="Loading the account">
      <Stats label="Account">
        {['Equity', 'Day P&L', 'Drawdown', 'Gross exposure', 'Buying power'].map((label) => (
          <Stat key={label} label={label} detail={'\u00a0'}>
            –
          </Stat>
        ))}
      </Stats>
    </div>
  );
}

export function AccountSummary(): ReactNode {
  const query = useQuery(summaryQuery);
  if (query.isPending) return <Waiting />;
  if (query.data === undefined) {
    return (
      <Panel title="Account">
        <QueryView query={query} what="The account" lines={3}>
          {() => null}
        </QueryView>
      </Panel>
    );
  }
  const summary = query.data;
  const currency = summary.account.currency;
  return (
    <Stats label="Account">
      <Stat label="Equity" detail={`Cash ${money(summary.cash, currency)}`}>
        {money(summary.equity, currency)}
      </Stat>
      <Stat label="Day P&L" detail="Since the market day began">
        <MoneyChange value={summary.day_pnl} currency={currency} />
      </Stat>
      <Stat label="Drawdown" detail="From the highest equity">
        <PercentChange value={-Math.abs(summary.drawdown)} />
      </Stat>
      <Stat label="Gross exposure" detail={`Net ${money(summary.net_exposure, currency)}`}>
        {money(summary.gross_exposure, currency)}
      </Stat>
      <Stat label="Buying power" detail={`Reserved ${money(summary.reserved, currency)}`}>
        {money(summary.buying_power, currency)}
      </Stat>
    </Stats>
  );
}
