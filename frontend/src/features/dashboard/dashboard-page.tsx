import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { equityQuery } from '@/api/portfolio';
import { useSelectedSymbol } from '@/api/use-selected-symbol';
import { sizesFrom, useChartChoices } from '@/charting/chart-choices';
import { ChartToolbar } from '@/charting/chart-toolbar';
import { EquityChart } from '@/charting/equity-chart';
import { SymbolChart } from '@/charting/symbol-chart';
import { Page } from '@/components/page';
import { Panel } from '@/components/panel';
import { Empty, QueryView } from '@/components/states';
import { SymbolSelect } from '@/components/symbol-select';
import { AccountSummary } from './account-summary';
import './dashboard.css';
import { OpenOrders } from './open-orders';
import { RunningJobs } from './running-jobs';
import { Watchlist } from './watchlist';

export default function DashboardPage(): ReactNode {
  const equity = useQuery(equityQuery);
  const { symbol, symbols, select } = useSelectedSymbol();
  const sizes = useMemo(() => sizesFrom(symbols.find((item) => item.symbol === symbol)?.bar_sizes ?? []), [symbols, symbol]);
  const choices = useChartChoices(sizes);
  return (
    <Page title="Dashboard">
      <AccountSummary />
      <div className="columns columns--main-side">
        <div className="stack">
          <Panel title="Equity" flush>
            <QueryView query={equity} what="The equity curve" lines={11}>
              {(history) => <EquityChart history={history} showDrawdown={false} />}
            </QueryView>
          </Panel>
          <Panel
            title={symbol || 'Chart'}
            flush
            actions={
              <div className="chart-controls">
                <SymbolSelect label="Symbol of the chart" symbols={symbols} value={symbol} onChange={select} />
                <ChartToolbar choices={choices} sizes={sizes} />
              </div>
            }
          >
            {symbol ? <SymbolChart symbol={symbol} barSize={choices.barSize} adjustment={choices.adjustment} log={choices.log} /> : <Empty title="No symbols are stored yet">Fetch some on the page “Data”, or load a file with “causeway ingest”.</Empty>}
          </Panel>
        </div>
        <Watchlist selected={symbol} onSelect={select} />
      </div>
      <div className="columns columns--halves">
        <OpenOrders />
        <RunningJobs />
      </div>
    </Page>
  );
}
