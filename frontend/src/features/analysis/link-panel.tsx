import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { detailsQuery } from '@/api/analysis';
import type { Details, Link, LinkDetail, Result } from '@/api/types';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { Panel } from '@/components/panel';
import { Empty, QueryView } from '@/components/states';
import { Stat, Stats } from '@/components/stat';
import { fixed, plural, probability } from '@/lib/format';
import './details.css';
import { LagChart } from './lag-chart';
import { SIGN_PARTS, signOf } from './link-sign';
import { LocalChart } from './local-chart';
import { NullHistogram, nullWords } from './null-histogram';
import { ShareMeter } from './share-meter';

interface PartProps {
  readonly link: Link;
  readonly detail: LinkDetail;
}

function lagText({ lag_interval: interval }: LinkDetail): string {
  if (!interval) return 'No interval: no resamples were drawn';
  const { low, high } = interval;
  return `Strongest at ${low === high ? low : `${low} to ${high}`} in 95 % of resamples`;
}

function Numbers({ link, detail }: PartProps): ReactNode {
  return (
    <Stats label="The link in numbers">
      <Stat label="Transfer entropy" detail="of all selected lags, in nats">
        {fixed(link.te_nats, 4)}
      </Stat>
      <Stat label="q" detail={`p ${probability(link.p)} before correction`}>
        {probability(link.q)}
      </Stat>
      <Stat label="Effective lag" detail={lagText(detail)}>
        {fixed(detail.effective_lag, 1)}
      </Stat>
      <Stat label="Sign" detail={`Standardised coefficient ${fixed(detail.linear_coefficient, 3)} at lag ${link.lag_bars}`}>
        {SIGN_PARTS[signOf({ coefficient: detail.linear_coefficient })].join(' ')}
      </Stat>
    </Stats>
  );
}

function Trust({ detail, runs }: { readonly detail: LinkDetail; readonly runs: number }): ReactNode {
  const unknown = 'no resamples were drawn';
  return (
    <section className="stack stack--tight">
      <h3>How far to trust it</h3>
      <ShareMeter label="Found again in resamples of time" value={detail.stability_time} unknown={unknown} />
      <ShareMeter label="Found again among random halves of the series" value={detail.stability_assets} unknown={unknown} />
      <ShareMeter label="Share that a linear model explains" value={detail.linear_share} unknown="not defined for this estimator" />
      <p className="muted small">
        {runs > 0 && `${plural(runs, 'resample')} of each kind. `}
        {detail.needs.length > 0 ? `Found clearly less often without ${detail.needs.join(', ')}.` : runs > 0 && 'It depends on no other single series.'}
      </p>
    </section>
  );
}

function Body({ result, link, detail, runs }: PartProps & { readonly result: Result; readonly runs: number }): ReactNode {
  return (
    <div className="stack">
      <Numbers link={link} detail={detail} />
      <div className="link-parts">
        <section className="stack stack--tight">
          <h3>At which lag</h3>
          <LagChart profile={detail.lag_profile} selected={link.lags} effective={detail.effective_lag} interval={detail.lag_interval} />
          <p className="figure__words muted small">
            Information of each lag alone, in nats. Filled: p ≤ 0.05, not corrected for the number of lags. Bold lags were selected; the dot is the effective lag.
          </p>
        </section>
        <section className="stack stack--tight">
          <h3>Against chance</h3>
          {detail.null ? (
            <>
              <NullHistogram sample={detail.null} />
              <p className="figure__words muted small">{nullWords(detail.null)}</p>
            </>
          ) : (
            <p className="muted">No null distribution was kept.</p>
          )}
        </section>
        <Trust detail={detail} runs={runs} />
      </div>
      <section className="stack stack--tight">
        <h3>When it was at work</h3>
        <LocalChart result={result} link={link} />
      </section>
    </div>
  );
}

function Detailed({ result, link, details }: { readonly result: Result; readonly link: Link; readonly details: Details }): ReactNode {
  const detail = details.links.find((item) => item.source === link.source && item.target === link.target);
  if (!detail) return <Empty title="Nothing more is stored about this link">This analysis ran before details were kept. Run it again to get them.</Empty>;
  const runs = details.targets.find((item) => item.target === link.target)?.stability_runs ?? 0;
  return <Body result={result} link={link} detail={detail} runs={runs} />;
}

/** One link from close by. */
export function LinkPanel({ result, link, onClose }: { readonly result: Result; readonly link: Link; readonly onClose: () => void }): ReactNode {
  const query = useQuery(detailsQuery(result.job_id));
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.scrollIntoView?.({ block: 'nearest' }), [link.source, link.target]);
  return (
    <div ref={place} className="link-panel">
      <Panel
        title={
          <>
            {link.source} <span aria-hidden="true">→</span>
            <span className="visually-hidden">drives</span> {link.target}
          </>
        }
        actions={
          <>
            <Badge tone={link.significant ? 'ok' : 'plain'}>{link.significant ? 'significant' : 'not significant'}</Badge>
            <Button variant="quiet" onClick={onClose}>
              Close
            </Button>
          </>
        }
      >
        <QueryView query={query} what="Details of the link" lines={16}>
          {(details) => <Detailed result={result} link={link} details={details} />}
        </QueryView>
      </Panel>
    </div>
  );
}
