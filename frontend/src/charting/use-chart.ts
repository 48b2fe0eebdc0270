import { ColorType, createChart, type IChartApi } from 'lightweight-charts';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { usePreferences } from '@/lib/preferences';
import { type ChartColours, readColours } from './chart-theme';

function options(colours: ChartColours, daily: boolean) {
  return {
    autoSize: true,
    layout: {
      attributionLogo: false,
      background: { type: ColorType.Solid, color: 'transparent' },
      textColor: colours.text,
      fontSize: 12,
      panes: { separatorColor: colours.border, enableResize: false },
    },
    grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
    rightPriceScale: { borderColor: colours.border },
    timeScale: { borderColor: colours.border, timeVisible: !daily, secondsVisible: false },
    handleScroll: { vertTouchDrag: false, mouseWheel: false },
    handleScale: { mouseWheel: false },
  };
}

interface ChartHandle {
  readonly container: RefObject<HTMLDivElement | null>;
  readonly chart: IChartApi | null;
  readonly colours: ChartColours;
}

/** A chart that lives as long as its container and follows the theme. */
export function useChart(daily: boolean): ChartHandle {
  const container = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<IChartApi | null>(null);
  const { theme } = usePreferences();
  const [colours, setColours] = useState(readColours);

  useEffect(() => {
    if (!container.current) return undefined;
    const made = createChart(container.current, options(readColours(), daily));
    setChart(made);
    return () => {
      setChart(null);
      // After the series, which are removed by the effects that added them.
      queueMicrotask(() => made.remove());
    };
  }, [daily]);

  useEffect(() => setColours(readColours()), [theme]);
  useEffect(() => chart?.applyOptions(options(colours, daily)), [chart, colours, daily]);

  return { container, chart, colours };
}
