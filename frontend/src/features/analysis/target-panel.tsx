import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { detailsQuery } from '@/api/analysis';
import type { Details, TargetDetail } from '@/api/types';
import { Panel } from '@/components/panel';
import { QueryView } from '@/components/states';
import { Stat, Stats } from '@/components/stat';
import { fixed, percent, probability } from '@/lib/format';
import './details.css';

/** The weakest link that the samples could have shown, in words. */
export function powerWords({ power }: Pick<TargetDetail, 'power'>): string {
  if (power.detectable_r2 >= 0.999) return 'With so few samples no link, however strong, would have been found reliably.';
  return `A link that adds ${fixed(power.detectable_te_nats, 4)} nats (partial R² of ${percent(power.detectable_r2, 1)}) would have been found with ${percent(power.power, 0)} probability; a weaker one may be there unseen.`;
}

function Target({ detail }: { readonly detail: TargetDetail }): ReactNode {
  return (
    <div className="stack stack--tight">
      <Stats label={`${detail.target} in numbers`}>
        <Stat label="Its own past tells" detail={`nats, p ${probability(detail.ais_p)}, lags ${[...detail.own_lags].sort((a, b) => a - b).join(', ') || 'none'}`}>
          {fixed(detail.ais_nats, 4)}
        </Stat>
        <Stat label="All sources add" detail={`nats, p ${probability(detail.omnibus_p)}`}>
          {fixed(detail.te_nats, 4)}
        </Stat>
        <Stat label="Weakest visible link" detail={`nats, at the p of ${probability(detail.power.needed_p)} that it needs`}>
          {fixed(detail.power.detectable_te_nats, 4)}
        </Stat>
      </Stats>
      <p className="muted">{powerWords(detail)}</p>
    </div>
  );
}

/** A series as a target: what it knows of itself, what others add, and what could not have been seen. */
export function TargetPanel({ jobId, symbol }: { readonly jobId: string; readonly symbol: string }): ReactNode {
  const query = useQuery(detailsQuery(jobId));
  const found = query.data?.targets.find((item) => item.target === symbol);
  if (query.data && !found) return null;
  return (
    <Panel title={`${symbol} as a target`}>
      <QueryView query={query} what="Details of the target" lines={5}>
        {() => found && <Target detail={found} />}
      </QueryView>
    </Panel>
  );
}

/** Over all targets of an answer: what would have been seen. Null without details. */
export function powerOfAll({ targets }: Details): string | null {
  const hardest = [...targets].sort((a, b) => b.power.detectable_te_nats - a.power.detectable_te_nats)[0];
  return hardest ? powerWords(hardest) : null;
}
