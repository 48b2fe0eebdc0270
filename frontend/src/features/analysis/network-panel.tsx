import { type ReactNode, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { Result } from '@/api/types';
import { Button } from '@/components/button';
import { Panel } from '@/components/panel';
import { Empty } from '@/components/states';
import { download, toCsv } from '@/lib/csv';
import { plural } from '@/lib/format';
import { describeNode, signOf } from './link-sign';
import { LinksTable, readSort } from './links-table';
import './network.css';
import { NetworkGraph } from './network-graph';
import { nearestStep, readThreshold, thresholdSteps } from './threshold';
import { compareWithTruth } from './truth';
import { TruthPanel } from './truth-panel';

function save(result: Result, links: Result['links']): void {
  const header = ['source', 'target', 'lag_bars', 'lags', 'te_nats', 'p', 'q', 'coefficient', 'sign', 'significant'];
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
  ]);
  download(`links-${result.result_id}.csv`, toCsv(header, rows));
}

function Threshold({ value, alpha, onChange }: { readonly value: number; readonly alpha: number; readonly onChange: (value: number) => void }): ReactNode {
  const steps = thresholdSteps(alpha);
  return (
    <label className="threshold">
      <span>
        Show links with q ≤ <strong>{value}</strong>
        {value === alpha ? <span className="muted"> (the level of this analysis)</span> : <span className="muted"> (this analysis: {alpha})</span>}
      </span>
      <input
        className="range"
        type="range"
        min={0}
        max={steps.length - 1}
        step={1}
        value={nearestStep(steps, value)}
        aria-valuetext={`q at most ${value}`}
        onChange={(event) => onChange(steps[Number(event.target.value)] ?? alpha)}
      />
    </label>
  );
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

/** The network, the slider that cuts it, and the table that says the same in numbers. All of it in the URL. */
export function NetworkPanel({ result }: { readonly result: Result }): ReactNode {
  const [query, setQuery] = useSearchParams();
  const alpha = result.spec.alpha;
  const q = readThreshold(query.get('q'), alpha);
  const node = query.get('node');
  const shown = useMemo(() => result.links.filter((link) => link.q <= q), [result.links, q]);
  const comparison = useMemo(() => (result.truth ? compareWithTruth(shown, result.truth) : null), [shown, result.truth]);
  const listed = node ? shown.filter((link) => link.source === node || link.target === node) : shown;
  const set = (name: string, value: string | null): void =>
    setQuery(
      (old) => {
        if (value === null) old.delete(name);
        else old.set(name, value);
        return old;
      },
      { replace: true, preventScrollReset: true },
    );
  return (
    <div className="columns columns--wide-left">
      <Panel title="Who drives whom" actions={<span className="muted">{plural(shown.length, 'link')}</span>}>
        <Threshold value={q} alpha={alpha} onChange={(value) => set('q', value === alpha ? null : String(value))} />
        <NetworkGraph symbols={result.symbols} all={result.links} shown={shown} missed={comparison?.missed ?? []} selected={node} onSelect={(symbol) => set('node', symbol)} />
        <Legend truth={comparison !== null} />
        <p className="network__words" aria-live="polite">
          {node ? `${describeNode(node, shown)}.` : 'Choose a series to see what it drives and what drives it.'}
        </p>
      </Panel>
      <div className="stack">
        <Panel
          title={node ? `Links of ${node}` : 'Links'}
          flush
          actions={
            <>
              {node && <Button variant="quiet" onClick={() => set('node', null)}>Show all</Button>}
              <Button variant="quiet" disabled={listed.length === 0} onClick={() => save(result, listed)}>
                Export CSV
              </Button>
            </>
          }
        >
          {listed.length === 0 ? (
            <Empty title={`No link with q ≤ ${q}`}>{result.links.length > 0 && 'Move the slider to see weaker candidates.'}</Empty>
          ) : (
            <LinksTable links={listed} sort={readSort(query.get('sort'))} onSort={({ key, descending }) => set('sort', descending ? `${key}.desc` : key)} comparison={comparison} />
          )}
        </Panel>
        {comparison && <TruthPanel comparison={comparison} q={q} />}
      </div>
    </div>
  );
}
