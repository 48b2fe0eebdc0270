/** Wire shapes to chart points. Money becomes a float here and only here: pixels need no cents. */
import type { Bar, Execution } from '@/api/types';
import type { Candle, Fill } from './candle-chart';
import type { Point } from './line-chart';

export function seconds(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000);
}

/** Ascending in time, one value per second: the last one wins. */
export function points<T>(items: readonly T[], time: (item: T) => string, value: (item: T) => number): Point[] {
  const byTime = new Map(items.map((item) => [seconds(time(item)), value(item)]));
  return [...byTime].map(([at, number]) => ({ time: at, value: number })).sort((a, b) => a.time - b.time);
}

/** Fall from the highest value so far, as a fraction at or below zero. */
export function drawdowns(equity: readonly Point[]): Point[] {
  let peak = Number.NEGATIVE_INFINITY;
  return equity.map(({ time, value }) => {
    peak = Math.max(peak, value);
    return { time, value: peak > 0 ? value / peak - 1 : 0 };
  });
}

export function candles(bars: readonly Bar[]): Candle[] {
  return bars.map(({ time, ...rest }) => ({ time: seconds(time), ...rest }));
}

/** Each fill at the bar that holds its market time; fills before the first bar are left out. */
export function fillsOn(bars: readonly Candle[], executions: readonly Execution[]): Fill[] {
  const fills = executions.flatMap((execution): Fill[] => {
    const at = seconds(execution.market_time);
    const bar = bars.findLast((candle) => candle.time <= at);
    if (!bar) return [];
    return [{ time: bar.time, side: execution.side, text: `${execution.side === 'buy' ? 'B' : 'S'} ${execution.quantity}` }];
  });
  return fills.sort((a, b) => a.time - b.time);
}
