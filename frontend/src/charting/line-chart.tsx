import { AreaSeries, LineSeries, LineStyle, type UTCTimestamp } from 'lightweight-charts';
import { type ReactNode, useEffect } from 'react';
import { useZone } from '@/api/use-zone';
import './charting.css';
import { wholeRange } from './series';
import { useChart } from './use-chart';

export interface Point {
  /** Seconds since 1970 UTC, ascending, unique. */
  readonly time: number;
  readonly value: number;
}

export interface LineChartProps {
  /** Said by screen readers in place of the picture. */
  readonly label: string;
  readonly points: readonly Point[];
  readonly benchmark?: readonly Point[];
  /** Fractions at or below zero, drawn in a pane of its own. */
  readonly drawdown?: readonly Point[];
  /** The same in more detail, drawn thin in a pane of its own. */
  readonly detail?: readonly Point[];
  readonly daily: boolean;
  readonly format: (value: number) => string;
  /** The smallest difference that the format still shows; labels of the axis stand no closer, even where the line is flat. */
  readonly step?: number;
}

const asSeries = (points: readonly Point[]) => points.map(({ time, value }) => ({ time: time as UTCTimestamp, value }));
const percent = (value: number): string => `${(Math.round(value * 1000) / 10 || 0).toFixed(1)}%`;

export default function LineChart({ label, points, benchmark, drawdown, detail, daily, format, step = 0.0001 }: LineChartProps): ReactNode {
  const zone = useZone();
  const { container, chart, colours } = useChart(daily, zone);

  useEffect(() => {
    if (!chart) return undefined;
    const shared = { priceLineVisible: false, lastValueVisible: true, crosshairMarkerRadius: 3 };
    const money = { type: 'custom' as const, formatter: format, minMove: step };
    const added = [
      ...(benchmark
        ? [{ series: chart.addSeries(LineSeries, { ...shared, color: colours.muted, lineWidth: 1, lineStyle: LineStyle.Dashed, priceFormat: money }), data: benchmark }]
        : []),
      {
        series: chart.addSeries(AreaSeries, {
          ...shared,
          lineColor: colours.accent,
          lineWidth: 2,
          topColor: `${colours.accent}33`,
          bottomColor: `${colours.accent}00`,
          priceFormat: money,
        }),
        data: points,
      },
      ...(detail ? [{ series: chart.addSeries(LineSeries, { ...shared, lastValueVisible: false, color: colours.muted, lineWidth: 1, priceFormat: money }, 1), data: detail }] : []),
      ...(drawdown
        ? [{
            series: chart.addSeries(
              AreaSeries,
              {
                ...shared,
                lineColor: colours.down,
                lineWidth: 1,
                topColor: `${colours.down}00`,
                bottomColor: `${colours.down}44`,
                invertFilledArea: true,
                priceFormat: { type: 'custom' as const, formatter: percent, minMove: 0.0001 },
              },
              1,
            ),
            data: drawdown,
          }]
        : []),
    ];
    for (const { series, data } of added) series.setData(asSeries(data));
    const [main, second] = chart.panes();
    if (second) {
      main?.setStretchFactor(detail ? 1 : 3);
      second.setStretchFactor(1);
    }
    chart.timeScale().setVisibleLogicalRange(wholeRange(Math.max(points.length, detail?.length ?? 0), chart.timeScale().width()));
    return () => {
      for (const { series } of added) chart.removeSeries(series);
    };
  }, [chart, colours, points, benchmark, drawdown, detail, format, step]);

  return (
    <>
      <div ref={container} className={drawdown || detail ? 'chart chart--tall' : 'chart'} role="img" aria-label={label} />
      {!daily && <p className="chart-note small muted">Axis: {zone}</p>}
    </>
  );
}
