import { CandlestickSeries, createSeriesMarkers, HistogramSeries, type ISeriesApi, PriceScaleMode, type Time, type UTCTimestamp } from 'lightweight-charts';
import { type ReactNode, useEffect, useRef } from 'react';
import type { Zone } from '@/lib/format-time';
import { BarLegend } from './bar-legend';
import './charting.css';
import { lastRange } from './series';
import { useBarCursor } from './use-bar-cursor';
import { useChart } from './use-chart';

export interface Candle {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface Fill {
  readonly time: number;
  readonly price: number;
  readonly side: 'buy' | 'sell';
  readonly text: string;
}

export interface CandleChartProps {
  readonly label: string;
  readonly candles: readonly Candle[];
  readonly fills?: readonly Fill[];
  /** A line at the last traded price, moved without redrawing the rest. */
  readonly last?: number | null;
  /** Start of the bar that is still forming: it has a place but no candle yet. */
  readonly forming?: number | null;
  readonly daily: boolean;
  /** Of the axis, where bars are finer than days. */
  readonly zone: Zone;
  /** Equal distances are equal ratios. */
  readonly log?: boolean;
}

/** Hollow is up, filled is down: the shape says what the colour says. */
export default function CandleChart({ label, candles, fills, last, forming, daily, zone, log = false }: CandleChartProps): ReactNode {
  const { container, chart, colours } = useChart(daily, zone);
  const main = useRef<ISeriesApi<'Candlestick', Time> | null>(null);
  const cursor = useBarCursor(chart, main, candles);

  useEffect(() => {
    if (!chart) return undefined;
    const prices = chart.addSeries(CandlestickSeries, {
      upColor: 'transparent',
      borderUpColor: colours.up,
      wickUpColor: colours.up,
      downColor: colours.down,
      borderDownColor: colours.down,
      wickDownColor: colours.down,
      priceLineVisible: false,
      lastValueVisible: false,
    });
    const volume = chart.addSeries(HistogramSeries, { priceScaleId: 'volume', priceFormat: { type: 'volume' }, lastValueVisible: false, priceLineVisible: false });
    volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    const place = forming != null ? [{ time: forming as UTCTimestamp }] : [];
    prices.setData([...candles.map((candle) => ({ ...candle, time: candle.time as UTCTimestamp })), ...place]);
    volume.setData(
      candles.map((candle) => ({ time: candle.time as UTCTimestamp, value: candle.volume, color: `${candle.close < candle.open ? colours.down : colours.up}66` })),
    );
    createSeriesMarkers(
      prices,
      (fills ?? []).map((fill) => ({
        time: fill.time as UTCTimestamp,
        position: fill.side === 'buy' ? ('atPriceBottom' as const) : ('atPriceTop' as const),
        price: fill.price,
        shape: fill.side === 'buy' ? ('arrowUp' as const) : ('arrowDown' as const),
        color: fill.side === 'buy' ? colours.up : colours.down,
        text: fill.text,
      })),
    );
    main.current = prices;
    const shown = Math.min(candles.length, 120);
    chart.timeScale().setVisibleLogicalRange(lastRange(candles.length, shown, chart.timeScale().width()));
    return () => {
      main.current = null;
      chart.removeSeries(volume);
      chart.removeSeries(prices);
    };
  }, [chart, colours, candles, fills, forming]);

  useEffect(() => {
    if (last == null || !main.current) return undefined;
    const series = main.current;
    const line = series.createPriceLine({ price: last, color: colours.accent, lineWidth: 1, axisLabelVisible: true, title: '' });
    return () => {
      if (main.current === series) series.removePriceLine(line);
    };
  }, [chart, colours, candles, fills, forming, last]);

  useEffect(() => chart?.priceScale('right').applyOptions({ mode: log ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal }), [chart, log]);

  return (
    <div className="chart-keys" role="group" tabIndex={0} aria-label="Chart. Arrow keys go from bar to bar, Page Up and Page Down by 20, Home and End to the first and last." onKeyDown={cursor.onKeyDown} onBlur={cursor.leave}>
      <BarLegend candles={candles} at={cursor.at} daily={daily} zone={zone} spoken={cursor.byKey} />
      <div ref={container} className="chart" role="img" aria-label={label} />
    </div>
  );
}
