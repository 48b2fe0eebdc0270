import type { ReactNode } from 'react';
import { count, price, signedPercent } from '@/lib/format';
import { dateTime, isoDate, type Zone } from '@/lib/format-time';
import type { Candle } from './candle-chart';

interface LegendProps {
  readonly candles: readonly Candle[];
  /** Index of the bar; the last one where null. */
  readonly at: number | null;
  readonly daily: boolean;
  readonly zone: Zone;
  /** Said aloud: the keys moved to it. */
  readonly spoken: boolean;
}

/** The values of one bar in numbers, and which time the axis shows. */
export function BarLegend({ candles, at, daily, zone, spoken }: LegendProps): ReactNode {
  const index = at ?? candles.length - 1;
  const bar = candles[index];
  if (!bar) return null;
  const before = candles[index - 1];
  const moment = new Date(bar.time * 1000).toISOString();
  const when = daily ? isoDate(moment) : dateTime(moment, zone);
  const change = before && before.close > 0 ? signedPercent(bar.close / before.close - 1) : '';
  const tone = change.startsWith('-') ? 'down' : change.startsWith('+') ? 'up' : undefined;
  const values = [['O', 'open', price(bar.open)], ['H', 'high', price(bar.high)], ['L', 'low', price(bar.low)], ['C', 'close', price(bar.close)]] as const;
  return (
    <>
      <p className="bar-legend small" aria-hidden="true">
        <span>{when}</span>
        {values.map(([letter, , value]) => (
          <span key={letter}>
            <span className="muted">{letter}</span> {value}
          </span>
        ))}
        <span className={tone}>{change}</span>
        <span>
          <span className="muted">V</span> {count(bar.volume)}
        </span>
        <span className="bar-legend__axis muted">{daily ? 'Axis: dates of sessions' : `Axis: ${zone}`}</span>
      </p>
      <p className="visually-hidden" role="status">
        {spoken ? `${when}: ${values.map(([, name, value]) => `${name} ${value}`).join(', ')}, ${change && `change ${change}, `}volume ${count(bar.volume)}` : ''}
      </p>
    </>
  );
}
