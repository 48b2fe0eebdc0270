import type { IChartApi, ISeriesApi, MouseEventParams, Time, UTCTimestamp } from 'lightweight-charts';
import { type KeyboardEvent, type RefObject, useEffect, useState } from 'react';
import type { Candle } from './candle-chart';
import { stepTo } from './cursor-step';

interface Place {
  readonly at: number | null;
  readonly byKey: boolean;
}

interface BarCursor extends Place {
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly leave: () => void;
}

const NOWHERE: Place = { at: null, byKey: false };

/** Brings a bar into view, if it is not, and the crosshair to its close. */
function showBar(chart: IChartApi, series: ISeriesApi<'Candlestick', Time>, candle: Candle, at: number): void {
  const scale = chart.timeScale();
  const seen = scale.getVisibleLogicalRange();
  if (seen && (at < seen.from || at > seen.to)) {
    const by = at < seen.from ? at - seen.from - 1 : at - seen.to + 1;
    scale.setVisibleLogicalRange({ from: seen.from + by, to: seen.to + by });
  }
  chart.setCrosshairPosition(candle.close, candle.time as UTCTimestamp, series);
}

/** The bar under the crosshair, which follows the pointer and the arrow keys; `at` is its index. */
export function useBarCursor(chart: IChartApi | null, series: RefObject<ISeriesApi<'Candlestick', Time> | null>, candles: readonly Candle[]): BarCursor {
  const [place, setPlace] = useState<Place>(NOWHERE);

  useEffect(() => {
    if (!chart) return undefined;
    const byTime = new Map(candles.map(({ time }, index) => [time, index]));
    // What the keys did has no event of a pointer.
    const follow = ({ time, sourceEvent }: MouseEventParams): void => {
      if (sourceEvent) setPlace({ at: byTime.get(Number(time)) ?? null, byKey: false });
    };
    chart.subscribeCrosshairMove(follow);
    return () => chart.unsubscribeCrosshairMove(follow);
  }, [chart, candles]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const next = stepTo(event.key, place.at, candles.length);
    const candle = next === null ? undefined : candles[next];
    if (next === null || !candle || !chart || !series.current) return;
    event.preventDefault();
    showBar(chart, series.current, candle, next);
    setPlace({ at: next, byKey: true });
  };
  const leave = (): void => {
    chart?.clearCrosshairPosition();
    setPlace(NOWHERE);
  };
  return { ...place, onKeyDown, leave };
}
