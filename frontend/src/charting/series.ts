/** Wire shapes to chart points. Money becomes a float here and only here: pixels need no cents. */
import type { Bar, Execution, Spec } from '@/api/types';
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

const WIDTH_S: Readonly<Record<Spec['bar_size'], number>> = { '1s': 1, '5s': 5, '1m': 60, '5m': 300, '15m': 900, '1h': 3600, '1d': 86_400 };

/** Start of the bar that holds an instant, in seconds; a day begins at midnight UTC. */
export function barStart(iso: string, barSize: Spec['bar_size']): number {
  const width = WIDTH_S[barSize];
  return Math.floor(seconds(iso) / width) * width;
}

export interface LongGap {
  /** Starts of the bars beside it, in seconds. */
  readonly after: number;
  readonly before: number;
}

/** Longer than exchanges are shut: eleven days in Japan in 2019 (26 April to 7 May), in Shanghai in 2020 (23 January to 3 February). */
const LONGEST_CLOSED_DAYS = 12;

/** Stretches between neighbouring bars that no holiday explains. */
export function longGaps(bars: readonly { readonly time: number }[]): readonly LongGap[] {
  const most = LONGEST_CLOSED_DAYS * WIDTH_S['1d'];
  return bars.flatMap(({ time: before }, index): LongGap[] => {
    const after = bars[index - 1]?.time;
    return after !== undefined && before - after > most ? [{ after, before }] : [];
  });
}

/** Half of the widest label of the time axis, such as "13 Dec '26". */
const HALF_LABEL_PX = 36;

/** The logical range that shows every bar in a plot of `width` pixels, with room for the labels of the first and the last, which are centred below them. */
export function wholeRange(bars: number, width: number): { readonly from: number; readonly to: number } {
  const left = width - 2 * HALF_LABEL_PX;
  const room = left > 0 ? (bars * HALF_LABEL_PX) / left : 0;
  return { from: -room, to: bars - 1 + room };
}

/** The logical range of the last `shown` of `bars`, with room for the labels of the last: of the axis, and of an order. */
export function lastRange(bars: number, shown: number, width: number): { readonly from: number; readonly to: number } {
  const left = width - HALF_LABEL_PX;
  const room = left > 0 ? ((shown + 0.5) * HALF_LABEL_PX) / left : 0;
  return { from: bars - shown - 0.5, to: bars - 1 + Math.max(3, room) };
}

/** Each fill at the bar that holds its market time; fills before the first bar are left out. */
export function fillsOn(bars: readonly { readonly time: number }[], executions: readonly Execution[]): Fill[] {
  const fills = executions.flatMap((execution): Fill[] => {
    const at = seconds(execution.market_time);
    const bar = bars.findLast((candle) => candle.time <= at);
    if (!bar) return [];
    return [{ time: bar.time, price: Number(execution.price), side: execution.side, text: `${execution.side === 'buy' ? 'B' : 'S'} ${execution.quantity}` }];
  });
  return fills.sort((a, b) => a.time - b.time);
}
