import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import type { Result } from '@/api/types';
import { Notice } from '@/components/badge';
import { Panel } from '@/components/panel';
import { EvaluationPanel } from './evaluation-panel';
import { NetworkPanel } from './network-panel';
import { NoLinks } from './no-links';
import { Provenance } from './provenance';
import './result.css';
import { TradeSignal } from './trade-signal';
import { WindowsPanel } from './windows-panel';

function Warnings({ result }: { readonly result: Result }): ReactNode {
  if (result.warnings.length === 0) return null;
  return (
    <Notice tone="warn">
      <ul className="stack stack--tight">
        {result.warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </Notice>
  );
}

function Excluded({ result }: { readonly result: Result }): ReactNode {
  if (result.excluded.length === 0) return null;
  return (
    <Panel title="Left out">
      <dl className="excluded">
        {result.excluded.map((item) => (
          <div key={item.symbol}>
            <dt>{item.symbol}</dt>
            <dd className="muted">{item.reason}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** What did not reach the level of the analysis: to be looked at on request, not shown as a finding. */
function Candidates({ result }: { readonly result: Result }): ReactNode {
  const [query] = useSearchParams();
  if (result.links.length === 0 && !result.truth) return null;
  return (
    <details className="panel candidates" open={query.has('q') || result.truth !== null}>
      <summary className="candidates__summary">Candidates below the level of this analysis</summary>
      <div className="panel__body">
        <NetworkPanel result={result} />
      </div>
    </details>
  );
}

/** An answer: the finding first, then what it is worth, then what may be done with it, then where it came from. */
export function ResultView({ result }: { readonly result: Result }): ReactNode {
  const none = !result.links.some((link) => link.significant);
  return (
    <>
      <Warnings result={result} />
      {none && <NoLinks result={result} />}
      {none ? <Candidates result={result} /> : <NetworkPanel result={result} />}
      {result.spec.inference.window_bars != null && <WindowsPanel result={result} />}
      <Excluded result={result} />
      {!none && <EvaluationPanel result={result} />}
      <TradeSignal result={result} />
      <Provenance result={result} />
    </>
  );
}
