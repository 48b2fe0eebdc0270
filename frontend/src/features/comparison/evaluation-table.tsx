import type { ReactNode } from 'react';
import type { ComparedRun, Comparison } from '@/api/comparison';
import { DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { PercentChange } from '@/components/stat';
import { count, fixed, percent } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import { sides } from './question-table';

type Evaluation = NonNullable<ComparedRun['evaluation']>;

const VERDICT: Readonly<Record<Evaluation['verdict'], string>> = {
  no_links: 'nothing to trade',
  not_distinguishable: 'cannot be told from zero',
  distinguishable: 'differs from zero',
};

function sharpe({ sharpe: value, sharpe_interval_95: interval }: Evaluation): string {
  return interval ? `${fixed(value)} (${fixed(interval.low)} to ${fixed(interval.high)})` : fixed(value);
}

const FACTS: readonly (readonly [string, (found: Evaluation) => ReactNode])[] = [
  ['Sharpe ratio (95\u00a0%)', sharpe],
  ['Verdict', (found) => VERDICT[found.verdict]],
  ['Total return', (found) => <PercentChange value={found.total_return} />],
  ['Largest drawdown', (found) => percent(found.max_drawdown)],
  ['Turnover per bar', (found) => fixed(found.turnover_per_bar, 3)],
  ['Evaluated', (found) => (found.bars ? `${count(found.bars)} bars, ${isoDate(found.start)} to ${isoDate(found.end)}` : '–')],
];

/** What each signal did out of sample, after costs. */
export function EvaluationTable({ comparison: { a, b } }: { readonly comparison: Comparison }): ReactNode {
  if (!a.evaluation && !b.evaluation) return null;
  const rows = FACTS.map(([name, of]) => ({ name, a: a.evaluation ? of(a.evaluation) : '–', b: b.evaluation ? of(b.evaluation) : '–' }));
  return (
    <Panel title="Out of sample, after costs" flush className="side-table">
      <DataTable caption="Out of sample, after costs" columns={sides('Figure')} rows={rows} rowKey={(row) => row.name} />
    </Panel>
  );
}
