/** Local values over time: too noisy to read bar by bar, so they are averaged over a moving window. */
import { type Point } from '@/charting/line-chart';
import { points } from '@/charting/series';
import type { LocalInformation } from '@/api/types';

export interface LocalSeries {
  readonly bars: readonly Point[];
  /** Trailing mean over `window` bars; none where bars were left out on the way. */
  readonly mean: readonly Point[];
  readonly window: number;
}

const LEAST = 10;

export function localSeries(local: LocalInformation): LocalSeries {
  const bars = points(local.times.map((time, index) => ({ time, value: local.te_nats[index] ?? 0 })), (item) => item.time, (item) => item.value);
  const window = Math.max(LEAST, Math.round(bars.length / 20));
  if (local.thinned || bars.length < 2 * window) return { bars, mean: [], window };
  let sum = 0;
  const mean = bars.flatMap((bar, index): Point[] => {
    sum += bar.value - (index >= window ? (bars[index - window]?.value ?? 0) : 0);
    return index >= window - 1 ? [{ time: bar.time, value: sum / window }] : [];
  });
  return { bars, mean, window };
}
