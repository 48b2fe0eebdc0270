import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { detailsQuery } from '@/api/analysis';
import type { Result } from '@/api/types';
import { Panel } from '@/components/panel';
import { count, percent, plural, probability, words } from '@/lib/format';
import { isoDate, lastDay } from '@/lib/format-time';
import { powerOfAll } from './target-panel';

function nearest(result: Result): string {
  const best = [...result.links].sort((a, b) => a.q - b.q)[0];
  if (!best) return 'No source passed even the first test of its target, so there is no near miss to show.';
  return `The nearest candidate was ${best.source} → ${best.target} at lag ${best.lag_bars}, with q = ${probability(best.q)}.`;
}

/** Where nothing was found, what could have been found is the news. */
function Power({ jobId }: { readonly jobId: string }): ReactNode {
  const { data } = useQuery(detailsQuery(jobId));
  const words = data && powerOfAll(data);
  return words ? <p>{words} That holds for the target where links are hardest to see.</p> : null;
}

/** "Nothing found" is an answer, and it is told as one. */
export function NoLinks({ result }: { readonly result: Result }): ReactNode {
  const { spec } = result;
  const n = result.symbols.length;
  return (
    <Panel title="No significant link">
      <div className="none">
        <p className="none__lead">
          In this data the past of one series says nothing measurable about the {spec.measure === 'returns' ? 'returns' : 'volatility'} of another that its own past does not already say.
        </p>
        <div className="none__parts">
          <section>
            <h3>Why this is a finding</h3>
            <p className="muted">
              {count(n * (n - 1))} candidate links were tested, and at a false discovery rate of {percent(spec.alpha, 0)} none stood out from chance.
              {spec.measure === 'returns' && ' For returns of traded assets that is the expected answer: what is known is in the price within moments, long before the next bar.'} Showing the best of
              these as a link would be showing luck.
            </p>
          </section>
          <section>
            <h3>What was tested</h3>
            <dl className="facts">
              <dt>Series</dt>
              <dd>{result.symbols.join(', ')}</dd>
              <dt>Measure</dt>
              <dd>{words(spec.measure)}</dd>
              <dt>Estimator</dt>
              <dd>{words(spec.estimator)}</dd>
              <dt>Training</dt>
              <dd>
                {isoDate(spec.start)} to {lastDay(spec.train_end)}, {plural(result.samples, 'sample')}
              </dd>
              <dt>Lags</dt>
              <dd>1 to {plural(spec.max_lag, 'bar')}</dd>
              <dt>Targets</dt>
              <dd>{count(result.targets_tested)}</dd>
              <dt>Permutations</dt>
              <dd>{count(spec.n_permutations)}</dd>
            </dl>
            <p className="muted">{nearest(result)}</p>
          </section>
          <section>
            <h3>What it does not say</h3>
            <p className="muted">
              Not that the series are independent: they may move together within one bar, or couple more weakly than {plural(result.samples, 'sample')} can show
              {spec.estimator === 'gaussian' && ', or in ways that a linear estimator cannot see'}.
            </p>
            <Power jobId={result.job_id} />
            <p>
              <Link to={`/analysis/new?from=${result.job_id}`}>Ask with another measure, estimator or range</Link>
            </p>
          </section>
        </div>
      </div>
    </Panel>
  );
}
