import { type ReactNode, useMemo } from 'react';
import { Empty } from '@/components/states';
import { money, percent } from '@/lib/format';
import { LineChart } from './lazy-charts';
import { drawdowns, points } from './series';

interface Moment {
  readonly market_time: string;
  readonly equity: string;
}

const CENT = 0.01;
const asMoney = (value: number): string => money(String(Math.round(value * 100) / 100));

/** Equity of the account over market time, with the fall from its peak below it. */
export function EquityChart({ history, showDrawdown = true }: { readonly history: readonly Moment[]; readonly showDrawdown?: boolean }): ReactNode {
  const equity = useMemo(() => points(history, (item) => item.market_time, (item) => Number(item.equity)), [history]);
  const falls = useMemo(() => (showDrawdown ? drawdowns(equity) : undefined), [equity, showDrawdown]);
  if (equity.length < 2) {
    return <Empty title="No equity curve yet">It is drawn once the account was valued at two moments of market time.</Empty>;
  }
  const last = equity.at(-1)?.value ?? 0;
  const worst = Math.min(0, ...drawdowns(equity).map((point) => point.value));
  const label = `Equity from ${asMoney(equity[0]?.value ?? 0)} to ${asMoney(last)}, deepest drawdown ${percent(worst)}`;
  return <LineChart label={label} points={equity} drawdown={falls} daily={false} format={asMoney} step={CENT} />;
}
