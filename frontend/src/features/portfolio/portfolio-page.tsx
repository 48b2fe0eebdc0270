import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { equityQuery, positionsQuery } from '@/api/portfolio';
import { EquityChart } from '@/charting/equity-chart';
import { Page } from '@/components/page';
import { Panel } from '@/components/panel';
import { QueryView } from '@/components/states';
import { useWatch } from '@/stream/stream-provider';
import { Executions } from './executions';
import { Positions } from './positions';
import { SummaryNumbers } from './summary-numbers';

export default function PortfolioPage(): ReactNode {
  const equity = useQuery(equityQuery);
  const positions = useQuery(positionsQuery).data ?? [];
  useWatch(positions.map((position) => position.symbol));
  return (
    <Page title="Portfolio">
      <SummaryNumbers />
      <Positions />
      <Panel title="Equity and drawdown" flush>
        <QueryView query={equity} what="The equity curve" lines={10}>
          {(history) => <EquityChart history={history} />}
        </QueryView>
      </Panel>
      <Executions />
    </Page>
  );
}
