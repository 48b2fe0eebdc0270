import type { ReactNode } from 'react';
import type { Preview, RiskCheck } from '@/api/types';
import { money, price, words } from '@/lib/format';

interface CheckListProps {
  readonly checks: readonly RiskCheck[];
  /** The messages of failed checks are said elsewhere on the page. */
  readonly reasonsAbove?: boolean;
}

/** A check that passed with a message is a warning. */
function outcome(check: RiskCheck): 'passed' | 'warning' | 'failed' {
  if (!check.passed) return 'failed';
  return check.message ? 'warning' : 'passed';
}

const MARK = { passed: '✓', warning: '!', failed: '✕' } as const;

/** Risk checks with their limit and what was found. */
export function CheckList({ checks, reasonsAbove = false }: CheckListProps): ReactNode {
  return (
    <ul className="checks" aria-label="Risk checks">
      {checks.map((check) => (
        <li key={check.name} className={`check-line check-line--${outcome(check)}`}>
          <span className="check-line__mark" aria-hidden="true">
            {MARK[outcome(check)]}
          </span>
          <span>
            <strong>{words(check.name)}</strong>
            <span className="visually-hidden"> {outcome(check)}</span>
            <br />
            <span className="muted small">
              {[check.limit && `limit ${check.limit}`, check.found && `found ${check.found}`].filter(Boolean).join(' · ')}
            </span>
            {check.message && (check.passed || !reasonsAbove) && (
              <>
                <br />
                <span className="small">{check.message}</span>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function verdict(preview: Preview): string {
  if (!preview.allowed) return 'This order would be denied.';
  const warned = preview.checks.some((check) => outcome(check) === 'warning');
  return `Every check passed${warned ? ', with a warning' : ''}. They run again when the order is sent.`;
}

/** What would happen now; the server checks again when the order is sent. */
export function PreviewCard({ preview, side }: { readonly preview: Preview; readonly side: 'buy' | 'sell' }): ReactNode {
  return (
    <section className="preview" aria-label="Preview" aria-live="polite">
      <dl className="facts">
        <dt>Reference price</dt>
        <dd>{price(preview.reference_price)}</dd>
        <dt>Notional</dt>
        <dd>{money(preview.notional)}</dd>
        <dt>Estimated fee</dt>
        <dd>{money(preview.estimated_fee)}</dd>
        <dt>Buying power now</dt>
        <dd>{money(preview.buying_power)}</dd>
        <dt>After this {side}</dt>
        <dd>{money(preview.buying_power_after)}</dd>
      </dl>
      <CheckList checks={preview.checks} />
      <p className="small muted">{verdict(preview)}</p>
    </section>
  );
}
