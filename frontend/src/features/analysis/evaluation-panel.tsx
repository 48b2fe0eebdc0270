import { type ReactNode, useMemo } from 'react';
import type { Evaluation, Result } from '@/api/types';
import { LineChart } from '@/charting/lazy-charts';
import { points } from '@/charting/series';
import { Badge, type Tone } from '@/components/badge';
import { Panel } from '@/components/panel';
import { Empty } from '@/components/states';
import { PercentChange, Stat, Stats } from '@/components/stat';
import { fixed, percent, plural, signedPercent } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import { SharpeInterval } from './sharpe-interval';

const VERDICTS: Readonly<Record<Evaluation['verdict'], { readonly tone: Tone; readonly title: string; readonly text: string }>> = {
  no_links: { tone: 'plain', title: 'Nothing to evaluate', text: 'Without a significant link there is no signal.' },
  not_distinguishable: {
    tone: 'warn',
    title: 'Not distinguishable from luck',
    text: 'The 95 % interval of the Sharpe ratio holds zero: on this much data, a signal worth nothing could have looked like this.',
  },
  distinguishable: {
    tone: 'ok',
    title: 'Distinguishable from luck',
    text: 'The 95 % interval of the Sharpe ratio lies on one side of zero. It was tried on this one range only.',
  },
};

const growth = (value: number): string => fixed(value, 3);

function Curve({ evaluation, daily }: { readonly evaluation: Evaluation; readonly daily: boolean }): ReactNode {
  const { equity } = evaluation;
  const lines = useMemo(
    () => ({
      strategy: points(equity, (point) => point.time, (point) => point.strategy),
      benchmark: points(equity, (point) => point.time, (point) => point.benchmark),
      drawdown: points(equity, (point) => point.time, (point) => -Math.abs(point.drawdown)),
    }),
    [equity],
  );
  if (equity.length < 2) return <Empty title="Too few bars after the training to draw a curve" />;
  const label = `Growth of one unit out of sample: strategy ${signedPercent(evaluation.total_return)}, benchmark ${signedPercent(evaluation.benchmark_total_return)}, deepest drawdown ${percent(evaluation.max_drawdown)}`;
  return <LineChart label={label} points={lines.strategy} benchmark={lines.benchmark} drawdown={lines.drawdown} daily={daily} format={growth} />;
}

function Numbers({ evaluation }: { readonly evaluation: Evaluation }): ReactNode {
  const forecasts = Object.entries(evaluation.forecast_r2).sort(([, a], [, b]) => b - a);
  return (
    <>
      <Stats label="Out-of-sample numbers">
        <Stat label="Return after costs" detail={`${signedPercent(evaluation.annual_return)} a year`}>
          <PercentChange value={evaluation.total_return} />
        </Stat>
        <Stat label="Benchmark" detail={`Equal weights, Sharpe ${fixed(evaluation.benchmark_sharpe)}`}>
          <PercentChange value={evaluation.benchmark_total_return} />
        </Stat>
        <Stat label="Volatility" detail="A year">
          {percent(evaluation.annual_volatility)}
        </Stat>
        <Stat label="Deepest drawdown">
          <PercentChange value={-Math.abs(evaluation.max_drawdown)} />
        </Stat>
        <Stat label="Costs" detail={`${evaluation.cost_bps} bp on a turnover of ${fixed(evaluation.turnover_per_bar)} per bar`}>
          {percent(evaluation.total_cost)}
        </Stat>
      </Stats>
      {forecasts.length > 0 && (
        <p className="muted small">
          Out-of-sample R² of the forecasts: {forecasts.map(([symbol, r2]) => `${symbol} ${percent(r2, 2)}`).join(', ')}. Below zero means worse than forecasting the mean.
        </p>
      )}
    </>
  );
}

/** What the signal earned on bars that neither the links nor the forecasts have seen. */
export function EvaluationPanel({ result }: { readonly result: Result }): ReactNode {
  const { evaluation, spec } = result;
  const verdict = VERDICTS[evaluation.verdict];
  return (
    <Panel title="Out-of-sample evaluation" actions={<Badge tone={verdict.tone}>{verdict.title}</Badge>}>
      <div className="stack">
        <p className="muted">
          {isoDate(evaluation.start)} to {isoDate(evaluation.end)}, {plural(evaluation.bars, 'bar')} after an embargo of {plural(evaluation.embargo_bars, 'bar')}. The signal saw nothing later than the
          training.
        </p>
        <SharpeInterval evaluation={evaluation} verdict={verdict.text} />
        <Numbers evaluation={evaluation} />
        <div>
          <Curve evaluation={evaluation} daily={spec.bar_size === '1d'} />
          <p className="muted small">Solid: strategy after costs. Dashed: equal weights of the same series. Below: fall from the highest value.</p>
        </div>
      </div>
    </Panel>
  );
}
