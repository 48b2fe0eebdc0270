import { type ReactNode, useMemo } from 'react';
import type { Link, Result } from '@/api/types';
import { Button } from '@/components/button';
import { Panel } from '@/components/panel';
import { Empty } from '@/components/states';
import { download, toCsv } from '@/lib/csv';
import { plural } from '@/lib/format';
import { describeNode, signOf } from './link-sign';
import { LinkFilters } from './link-filters';
import { LinkPanel } from './link-panel';
import { LinksTable, readSort } from './links-table';
import './network.css';
import { NetworkGraph } from './network-graph';
import { isStable, readStability } from './stability';
import { TargetPanel } from './target-panel';
import { readThreshold } from './threshold';
import { compareWithTruth } from './truth';
import { TruthPanel } from './truth-panel';
import { useQueryState } from '@/lib/use-query-state';

function save(result: Result, links: Result['links']): void {
  const header = ['source', 'target', 'lag_bars', 'lags', 'te_nats', 'p', 'q', 'coefficient', 'sign', 'significant', 'stability_time', 'stability_assets', 'linear_share', 'effective_lag'];
  const rows = links.map((link) => [
    link.source,
    link.target,
    link.lag_bars,
    link.lags.join(' '),
    link.te_nats,
    link.p,
    link.q,
    link.coefficient,
    signOf(link),
    String(link.significant),
    link.stability_time ?? null,
    link.stability_assets ?? null,
    link.linear_share ?? null,
    link.effective_lag ?? null,
  ]);
  download(`links-${result.result_id}.csv`, toCsv(header, rows));
}

function Legend({ truth }: { readonly truth: boolean }): ReactNode {
  return (
    <ul className="legend small muted">
      <li>
        <span className="legend__line legend__line--positive" aria-hidden="true" /> positive
      </li>
      <li>
        <span className="legend__line legend__line--negative" aria-hidden="true" /> negative
      </li>
      <li>
        <span className="legend__line legend__line--unknown" aria-hidden="true" /> sign not given
      </li>
      {truth && (
        <li>
          <span className="legend__line legend__line--missed" aria-hidden="true" /> true, not found
        </li>
      )}
      <li>Wider is stronger; the number is the lag in bars</li>
    </ul>
  );
}

/** The network, the sliders that cut it, the table that says the same in numbers, and a link from close by. */
export function NetworkPanel({ result }: { readonly result: Result }): ReactNode {
  const [query, change] = useQueryState();
  const alpha = result.spec.alpha;
  const q = readThreshold(query.get('q'), alpha);
  const stable = readStability(query.get('stable'));
  const node = query.get('node');
  const shown = useMemo(() => result.links.filter((link) => link.q <= q && isStable(link, stable)), [result.links, q, stable]);
  const comparison = useMemo(() => (result.truth ? compareWithTruth(shown, result.truth) : null), [shown, result.truth]);
  const listed = node ? shown.filter((link) => link.source === node || link.target === node) : shown;
  const chosen = result.links.find((link) => link.source === query.get('source') && link.target === query.get('target')) ?? null;
  const choose = (link: Link | null): void => change({ source: link?.source ?? null, target: link?.target ?? null });
  return (
    <>
      <div className="columns columns--wide-left">
        <Panel title="Who drives whom" actions={<span className="muted">{plural(shown.length, 'link')}</span>}>
          <LinkFilters links={result.links} alpha={alpha} q={q} stable={stable} onChange={change} />
          <NetworkGraph
            symbols={result.symbols}
            all={result.links}
            shown={shown}
            missed={comparison?.missed ?? []}
            selected={node}
            onSelect={(symbol) => change({ node: symbol })}
            chosen={chosen}
            onChoose={choose}
          />
          <Legend truth={comparison !== null} />
          <p className="network__words" aria-live="polite">
            {node ? `${describeNode(node, shown)}.` : 'Choose a series to see what it drives and what drives it, or a link to see it from close by.'}
          </p>
        </Panel>
        <div className="stack">
          <Panel
            title={node ? `Links of ${node}` : 'Links'}
            flush
            actions={
              <>
                {node && <Button variant="quiet" onClick={() => change({ node: null })}>Show all</Button>}
                <Button variant="quiet" disabled={listed.length === 0} onClick={() => save(result, listed)}>
                  Export CSV
                </Button>
              </>
            }
          >
            {listed.length === 0 ? (
              <Empty title={stable > 0 ? `No link with q ≤ ${q} that stable` : `No link with q ≤ ${q}`}>{result.links.length > 0 && 'Move the sliders to see weaker candidates.'}</Empty>
            ) : (
              <LinksTable
                links={listed}
                sort={readSort(query.get('sort'))}
                onSort={({ key, descending }) => change({ sort: descending ? `${key}.desc` : key })}
                comparison={comparison}
                chosen={chosen}
                onChoose={choose}
              />
            )}
          </Panel>
          {node && <TargetPanel jobId={result.job_id} symbol={node} />}
          {comparison && <TruthPanel comparison={comparison} q={q} />}
        </div>
      </div>
      {chosen && <LinkPanel result={result} link={chosen} onClose={() => choose(null)} />}
    </>
  );
}
