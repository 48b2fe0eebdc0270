import type { ReactNode } from 'react';
import type { Result } from '@/api/types';
import { Panel } from '@/components/panel';
import { count, duration, plural } from '@/lib/format';
import { dateTime, isoDate, lastDay } from '@/lib/format-time';
import { useZone } from '@/api/use-zone';

/** Enough to get the same answer again, and to notice when it would be another. */
export function Provenance({ result }: { readonly result: Result }): ReactNode {
  const zone = useZone();
  const { spec } = result;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Data hash', <code key="data">{result.data_hash}</code>],
    ['Result', <code key="result">{result.result_id}</code>],
    ['Seed', <code key="seed">{result.seed}</code>],
    ['Code version', <code key="code">{result.code_version}</code>],
    ['Engine version', <code key="engine">{result.engine_version}</code>],
    ['Training', `${isoDate(spec.start)} to ${lastDay(spec.train_end)}, ${plural(result.samples, 'sample')}`],
    ['Settings', `lags 1–${spec.max_lag}, horizon ${spec.horizon}, q < ${spec.alpha}, ${count(spec.n_permutations)} permutations, cost ${spec.cost_bps} bp`],
    ['Targets tested', count(result.targets_tested)],
    ['Computed', `${dateTime(result.created_at, zone)}, in ${duration(result.processing_time_ms / 1000)}`],
  ];
  return (
    <Panel title="Where this came from">
      <dl className="provenance">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="muted small">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
