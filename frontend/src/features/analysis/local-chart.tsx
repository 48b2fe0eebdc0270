import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { localQuery } from '@/api/analysis';
import type { Link, LocalInformation, Result } from '@/api/types';
import { LineChart } from '@/charting/lazy-charts';
import { Empty, QueryView } from '@/components/states';
import { count, fixed } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import { localSeries } from './local-series';

const nats = (value: number): string => fixed(value, 3);

function Curve({ local, daily }: { readonly local: LocalInformation; readonly daily: boolean }): ReactNode {
  const series = useMemo(() => localSeries(local), [local]);
  if (series.bars.length < 2) return <Empty title="Too few bars to draw" />;
  const smooth = series.mean.length > 0;
  const first = isoDate(local.times[0]);
  const last = isoDate(local.times.at(-1));
  return (
    <>
      <LineChart
        label={`Local transfer entropy of ${local.source} to ${local.target} from ${first} to ${last}, mean ${fixed(local.mean_nats, 4)} nats`}
        points={smooth ? series.mean : series.bars}
        {...(smooth ? { detail: series.bars } : {})}
        daily={daily}
        format={nats}
      />
      <p className="figure__words muted small">
        {smooth && `Above: mean of the last ${count(series.window)} bars. Below: bar by bar. `}
        {local.thinned && `${count(local.samples)} bars, of which the extremes of equal stretches are drawn. `}
        Where it is above zero the source&rsquo;s past made that bar less surprising, where below, more so; the mean of all bars, {fixed(local.mean_nats, 4)} nats, is the transfer entropy of the link.
      </p>
    </>
  );
}

/** When the link was at work. */
export function LocalChart({ result, link }: { readonly result: Result; readonly link: Link }): ReactNode {
  const query = useQuery(localQuery(result.job_id, link.source, link.target));
  return (
    <QueryView query={query} what="Local values" lines={8}>
      {(local) => <Curve local={local} daily={result.spec.bar_size === '1d'} />}
    </QueryView>
  );
}
