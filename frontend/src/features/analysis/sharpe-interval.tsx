import type { ReactNode } from 'react';
import type { Evaluation } from '@/api/types';
import { fixed, percent } from '@/lib/format';

const WIDTH = 400;
const HEIGHT = 56;

function Picture({ low, high, sharpe }: { readonly low: number; readonly high: number; readonly sharpe: number }): ReactNode {
  const reach = Math.max(1, Math.abs(low), Math.abs(high)) * 1.15;
  const x = (value: number): number => ((value + reach) / (2 * reach)) * WIDTH;
  return (
    <svg className="interval__picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Sharpe ratio ${fixed(sharpe)}, 95 % interval from ${fixed(low)} to ${fixed(high)}`}>
      <line className="interval__axis" x1="0" x2={WIDTH} y1="26" y2="26" />
      <line className="interval__zero" x1={x(0)} x2={x(0)} y1="8" y2="38" />
      <text className="interval__text" x={x(0)} y="52" textAnchor="middle">
        0
      </text>
      <line className="interval__bar" x1={x(low)} x2={x(high)} y1="26" y2="26" />
      <circle className="interval__point" cx={x(sharpe)} cy="26" r="6" />
    </svg>
  );
}

/** Never "100 %": nothing estimated from a sample is certain. */
function likelihood(probability: number): string {
  if (probability > 0.999) return 'more than 99.9%';
  return probability < 0.001 ? 'less than 0.1%' : percent(probability, 1);
}

/** The Sharpe ratio never without how uncertain it is. */
export function SharpeInterval({ evaluation, verdict }: { readonly evaluation: Evaluation; readonly verdict: string }): ReactNode {
  const { sharpe, sharpe_standard_error: error, sharpe_interval_95: interval, probabilistic_sharpe: probability } = evaluation;
  if (sharpe === null || interval === null) {
    return <p>A Sharpe ratio cannot be given: the strategy did not vary, or there are too few bars. {verdict}</p>;
  }
  return (
    <div className="interval">
      <div>
        <p className="interval__value">
          Sharpe {fixed(sharpe)} <span className="muted">± {fixed(error)}</span>
        </p>
        <p className="muted small">a year, ± one standard error</p>
      </div>
      <Picture low={interval.low} high={interval.high} sharpe={sharpe} />
      <p className="interval__words">
        With 95 % confidence the Sharpe ratio lies between <strong>{fixed(interval.low)}</strong> and <strong>{fixed(interval.high)}</strong>.
        {probability !== null && ` The probability that it is above zero is ${likelihood(probability)}.`} {verdict}
      </p>
    </div>
  );
}
