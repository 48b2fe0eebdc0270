import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { accountsQuery, executionsQuery } from '@/api/portfolio';
import { useSelectedSymbol } from '@/api/use-selected-symbol';
import { SymbolChart } from '@/charting/symbol-chart';
import { Notice } from '@/components/badge';
import { Page } from '@/components/page';
import { Panel } from '@/components/panel';
import { Empty } from '@/components/states';
import { useWatch } from '@/stream/stream-provider';
import { Blotter } from './blotter';
import { OrderDrawer } from './order-drawer';
import { OrderTicket } from './order-ticket';
import './trading.css';

function useExecutionsOf(symbol: string) {
  const pages = useInfiniteQuery(executionsQuery).data?.pages;
  return useMemo(() => (pages ?? []).flatMap((page) => page.items.filter((item) => item.symbol === symbol)), [pages, symbol]);
}

function AccountNotice(): ReactNode {
  const accounts = useQuery(accountsQuery).data ?? [];
  const halted = accounts.find((account) => account.state !== 'active');
  const waiting = accounts.find((account) => !account.gateway_alive);
  return (
    <>
      {halted && (
        <Notice tone="danger">
          Trading is {halted.state}
          {halted.state_reason && `: “${halted.state_reason}”`}. {halted.state === 'halted' ? 'New orders are denied.' : 'Only orders that reduce a position pass.'}
        </Notice>
      )}
      {waiting && <Notice tone="warn">The broker gateway does not answer. Orders are stored and are sent when it is back.</Notice>}
    </>
  );
}

export default function TradingPage(): ReactNode {
  const { symbol, symbols, select } = useSelectedSymbol();
  const [query, setQuery] = useSearchParams();
  const executions = useExecutionsOf(symbol);
  useWatch(symbol ? [symbol] : []);

  const set = (name: string, value: string | null): void =>
    setQuery(
      (old) => {
        if (value === null) old.delete(name);
        else old.set(name, value);
        return old;
      },
      { replace: true },
    );
  const order = query.get('order');
  return (
    <Page title="Trading">
      <AccountNotice />
      <div className="columns columns--main-side">
        <div className="stack trading__main">
          <Panel title={symbol ? `${symbol}, daily` : 'Chart'} flush>
            {symbol ? <SymbolChart symbol={symbol} executions={executions} /> : <Empty title="No symbols are stored yet">Load a file with “causeway ingest”.</Empty>}
          </Panel>
          <Blotter status={query.get('status') === 'open' ? 'open' : 'all'} current={order} onStatus={(status) => set('status', status)} onOrder={(id) => set('order', id)} />
        </div>
        <div className="trading__ticket">
          <OrderTicket symbol={symbol} symbols={symbols} onSymbol={select} />
        </div>
      </div>
      <OrderDrawer id={order} onClose={() => set('order', null)} />
    </Page>
  );
}
