import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { estimateQuery } from '@/api/analysis';
import { messageOf } from '@/api/errors';
import type { Estimate } from '@/api/types';
import { Notice } from '@/components/badge';
import { Panel } from '@/components/panel';
import { Stat, Stats } from '@/components/stat';
import { count, duration, fixed, money, percent } from '@/lib/format';
import { type SpecDraft, toSubmit, validateDraft } from './spec-draft';
import { useSettled } from '@/lib/use-settled';

const SETTLE_MS = 400;

function least(seconds: number): string {
  return seconds < 1 ? 'under 1 s' : `about ${duration(seconds)}`;
}

const LINEAR: ReadonlySet<SpecDraft['estimator']> = new Set(['gaussian', 'copula']);

function Numbers({ estimate, estimator }: { readonly estimate: Estimate; readonly estimator: SpecDraft['estimator'] }): ReactNode {
  const { cpu_s: cpu, wall_s: wall, spread, aws_usd: usd } = estimate;
  return (
    <>
      <Stats label="The estimate in numbers">
        <Stat label="Time" detail={wall === null || cpu === null ? 'nobody has measured IDTxl here' : `${least(cpu)} of CPU, ${count(estimate.workers)} workers, give or take a factor of ${fixed(spread, 1)}`}>
          {wall === null ? 'not known' : least(wall)}
        </Stat>
        <Stat label="On AWS" detail={`at ${money(String(estimate.usd_per_vcpu_hour))} a vCPU-hour`}>
          {usd === null ? 'not known' : usd < 0.01 ? 'under $0.01' : money(usd.toFixed(2))}
        </Stat>
        <Stat label="Tests" detail={`a lone link needs p ≤ ${estimate.needed_p.toExponential(1)}`}>
          {count(estimate.tests)}
        </Stat>
        <Stat label="Weakest visible link" detail={`nats (partial R² ${percent(estimate.detectable_r2, 1)}) with ${percent(estimate.power, 0)} probability, ${count(estimate.samples)} samples${LINEAR.has(estimator) ? '' : '; by the Gaussian estimator, this one needs a stronger link'}`}>
          {fixed(estimate.detectable_te_nats, 4)}
        </Stat>
      </Stats>
      {!estimate.can_be_significant && (
        <Notice tone="warn">
          No lone link can be significant: surrogates cannot give a p below {estimate.reachable_p?.toExponential(1)}. Choose the fitted tail, fewer series, or an estimator with exact nulls.
        </Notice>
      )}
      {estimate.excluded.length > 0 && <p className="muted small">Left out for a short history: {estimate.excluded.join(', ')}.</p>}
    </>
  );
}

/** What the question would cost and could show, as it is typed. */
export function EstimatePanel({ draft, mayRun }: { readonly draft: SpecDraft; readonly mayRun: boolean }): ReactNode {
  const settled = useSettled(draft, SETTLE_MS);
  const spec = useMemo(() => (Object.keys(validateDraft(settled)).length === 0 ? toSubmit(settled).spec : null), [settled]);
  const valid = spec !== null;
  const query = useQuery(estimateQuery(mayRun ? spec : null));
  return (
    <Panel title="Before it runs">
      <div className="stack stack--tight estimate" aria-busy={query.isFetching} aria-live="polite">
        {!valid && <p className="muted">Time, cost and the weakest visible link are shown here once the question is complete.</p>}
        {valid && query.isError && <Notice tone="warn">{messageOf(query.error)}</Notice>}
        {valid && !query.isError && query.data && <Numbers estimate={query.data} estimator={settled.estimator} />}
        {valid && !query.isError && !query.data && <p className="muted">{mayRun ? 'Estimating' : 'The estimate needs the role analyst.'}</p>}
      </div>
    </Panel>
  );
}
