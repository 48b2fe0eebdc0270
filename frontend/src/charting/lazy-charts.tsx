import { lazy, type ReactNode, Suspense } from 'react';
import { Loading } from '@/components/states';
import type { CandleChartProps } from './candle-chart';
import type { LineChartProps } from './line-chart';

/** The charting library is loaded when the first chart is shown. */
const LazyLine = lazy(() => import('./line-chart'));
const LazyCandles = lazy(() => import('./candle-chart'));

export function LineChart(props: LineChartProps): ReactNode {
  return (
    <Suspense fallback={<Loading lines={11} label="Loading chart" />}>
      <LazyLine {...props} />
    </Suspense>
  );
}

export function CandleChart(props: CandleChartProps): ReactNode {
  return (
    <Suspense fallback={<Loading lines={11} label="Loading chart" />}>
      <LazyCandles {...props} />
    </Suspense>
  );
}
