import type { ReactNode } from 'react';
import { Badge } from '@/components/badge';
import { Panel } from '@/components/panel';
import type { Comparison, Found } from './truth';

const LAG_TEXT: Record<Found['lag'], string> = { same: '', among: ' (true lag among the selected)', other: ' (other lag)' };

/** This market was made: which links are true is known. */
export function TruthPanel({ comparison, q }: { readonly comparison: Comparison; readonly q: number }): ReactNode {
  const { found, missed, spurious } = comparison;
  return (
    <Panel
      title="Beside the truth"
      actions={
        <>
          <Badge tone="ok">{found.length} found</Badge>
          <Badge tone={missed.length ? 'warn' : 'plain'}>{missed.length} missed</Badge>
          <Badge tone={spurious.length ? 'danger' : 'plain'}>{spurious.length} false</Badge>
        </>
      }
    >
      <p className="muted">This market is synthetic, so the links that made it are known. Compared at q ≤ {q}.</p>
      <ul className="truth">
        {found.map(({ truth, link, lag }) => (
          <li key={`${truth.source} ${truth.target}`}>
            <span className="truth__mark truth__mark--found" aria-hidden="true">
              ✓
            </span>
            Found: {truth.source} → {truth.target}, true lag {truth.lag_bars}
            {lag !== 'same' && `, found at ${link.lag_bars}`}
            {LAG_TEXT[lag]}
          </li>
        ))}
        {missed.map((truth) => (
          <li key={`${truth.source} ${truth.target}`}>
            <span className="truth__mark" aria-hidden="true">
              ○
            </span>
            Missed: {truth.source} → {truth.target}, lag {truth.lag_bars}
          </li>
        ))}
        {spurious.map((link) => (
          <li key={`${link.source} ${link.target}`}>
            <span className="truth__mark truth__mark--false" aria-hidden="true">
              ✕
            </span>
            False: {link.source} → {link.target}, lag {link.lag_bars}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
