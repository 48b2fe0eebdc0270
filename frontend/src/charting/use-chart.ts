import { ColorType, createChart, type IChartApi, TickMarkType, type Time } from 'lightweight-charts';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { clockTime, dateTime, type Zone } from '@/lib/format-time';
import { usePreferences } from '@/lib/preferences';
import { type ChartColours, readColours } from './chart-theme';

const iso = (time: Time): string => new Date(Number(time) * 1000).toISOString();

/** Daily bars are dates; anything finer is shown in a zone. */
function clock(daily: boolean, zone: Zone) {
  if (daily) return {};
  return {
    localization: { timeFormatter: (time: Time) => dateTime(iso(time), zone) },
    timeScale: {
      tickMarkFormatter: (time: Time, type: TickMarkType) =>
        type === TickMarkType.Time || type === TickMarkType.TimeWithSeconds ? clockTime(iso(time), zone).slice(0, 5) : null,
    },
  };
}

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
    // Any number of bars fits the width: a phone shows the whole range, not its end.
    timeScale: { borderColor: colours.border, timeVisible: !daily, secondsVisible: false, minBarSpacing: 0.01 },
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
export function useChart(daily: boolean, zone: Zone): ChartHandle {
  const container = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<IChartApi | null>(null);
  const { theme } = usePreferences();
  const [read, setRead] = useState(() => ({ theme, colours: readColours() }));
  if (read.theme !== theme) setRead({ theme, colours: readColours() });
  const { colours } = read;

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

  useEffect(() => chart?.applyOptions(options(colours, daily)), [chart, colours, daily]);
  useEffect(() => chart?.applyOptions(clock(daily, zone)), [chart, daily, zone]);

  return { container, chart, colours };
}
