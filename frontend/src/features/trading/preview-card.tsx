import type { ReactNode } from 'react';
import type { Preview, RiskCheck } from '@/api/types';
import { money, price, words } from '@/lib/format';

/** Risk checks with their limit and what was found. */
export function CheckList({ checks }: { readonly checks: readonly RiskCheck[] }): ReactNode {
  return (
    <ul className="checks" aria-label="Risk checks">
      {checks.map((check) => (
        <li key={check.name} className={check.passed ? 'check-line' : 'check-line check-line--failed'}>
          <span className="check-line__mark" aria-hidden="true">
            {check.passed ? '✓' : '✕'}
          </span>
          <span>
            <strong>{words(check.name)}</strong>
            <span className="visually-hidden">{check.passed ? ' passed' : ' failed'}</span>
            <br />
            <span className="muted small">
              {[check.limit && `limit ${check.limit}`, check.found && `found ${check.found}`].filter(Boolean).join(' · ')}
            </span>
            {!check.passed && check.message && (
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
      <p className="small muted">{preview.allowed ? 'Every check passed. They run again when the order is sent.' : 'This order would be denied.'}</p>
    </section>
  );
}
