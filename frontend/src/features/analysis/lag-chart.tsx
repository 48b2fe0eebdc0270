import type { ReactNode } from 'react';
import type { LinkDetail } from '@/api/types';
import { fixed, probability } from '@/lib/format';
import { useWidth } from './use-width';

const HEIGHT = 190;
const LEFT = 52;
const TOP = 12;
const BOTTOM = 46;
const CLEAR = 0.05;
const TEXT_WIDTH = 50;

interface LagChartProps {
  readonly profile: LinkDetail['lag_profile'];
  readonly selected: readonly number[];
  readonly effective: number;
  readonly interval: LinkDetail['lag_interval'];
}

/** Information at each lag alone. Filled bars pass p ≤ 0.05, hollow ones do not; the mark under the axis is the effective lag. */
export function LagChart({ profile, selected, effective, interval }: LagChartProps): ReactNode {
  const { container, width } = useWidth(420);
  const top = Math.max(...profile.map((point) => point.te_nats), 1e-9);
  const step = (width - LEFT - 8) / profile.length;
  const foot = HEIGHT - BOTTOM;
  const x = (lag: number): number => LEFT + (lag - 0.5) * step;
  const y = (value: number): number => foot - (Math.max(0, value) / top) * (foot - TOP);
  const every = Math.ceil((profile.length * TEXT_WIDTH) / Math.max(TEXT_WIDTH, width - LEFT));
  const label = profile.map((point) => `lag ${point.lag_bars}: ${fixed(point.te_nats, 4)} nats, p ${probability(point.p)}`).join('; ');
  return (
    <div ref={container} className="figure">
      <svg className="figure__picture" viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-label={`Information by lag. ${label}`}>
        <line className="figure__axis" x1={LEFT} x2={width - 8} y1={foot} y2={foot} />
        {[top, top / 2].map((value) => (
          <g key={value}>
            <line className="figure__grid" x1={LEFT} x2={width - 8} y1={y(value)} y2={y(value)} />
            <text className="figure__text" x={LEFT - 6} y={y(value) + 4} textAnchor="end">
              {fixed(value, 3)}
            </text>
          </g>
        ))}
        {profile.map((point) => (
          <g key={point.lag_bars}>
            <title>{`Lag ${point.lag_bars}: ${fixed(point.te_nats, 4)} nats, p ${probability(point.p)}${selected.includes(point.lag_bars) ? ', selected' : ''}`}</title>
            <rect className={point.p <= CLEAR ? 'lag lag--clear' : 'lag'} x={x(point.lag_bars) - step * 0.33} width={step * 0.66} y={y(point.te_nats)} height={Math.max(1, foot - y(point.te_nats))} />
            {(point.lag_bars - 1) % every === 0 && (
              <>
                <text className={selected.includes(point.lag_bars) ? 'figure__text figure__text--strong' : 'figure__text'} x={x(point.lag_bars)} y={foot + 16} textAnchor="middle">
                  {point.lag_bars}
                </text>
                <text className="figure__text" x={x(point.lag_bars)} y={foot + 40} textAnchor="middle">
                  {probability(point.p)}
                </text>
              </>
            )}
          </g>
        ))}
        {interval && <line className="lag__interval" x1={x(interval.low)} x2={x(interval.high)} y1={foot + 22} y2={foot + 22} />}
        <circle className="lag__effective" cx={x(effective)} cy={foot + 22} r="4" />
        <text className="figure__text" x={LEFT - 6} y={foot + 16} textAnchor="end">
          lag
        </text>
        <text className="figure__text" x={LEFT - 6} y={foot + 40} textAnchor="end">
          p
        </text>
      </svg>
    </div>
  );
}
