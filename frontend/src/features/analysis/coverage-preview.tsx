import type { ReactNode } from 'react';
import type { Coverage } from '@/api/types';
import { count, plural } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import type { SpecDraft } from './spec-draft';

interface PreviewProps {
  readonly coverage: readonly Coverage[];
  readonly draft: SpecDraft;
  readonly short: readonly string[];
}

function share(at: number, from: number, to: number): number {
  return to > from ? Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100)) : 0;
}

/** What is stored of each chosen series, on one time line with the chosen range. */
export function CoveragePreview({ coverage, draft, short }: PreviewProps): ReactNode {
  const from = Math.min(...coverage.map((item) => Date.parse(item.start)));
  const to = Math.max(...coverage.map((item) => Date.parse(item.end)));
  const mark = (date: string): number | null => (date ? share(Date.parse(date), from, to) : null);
  const cuts = [mark(draft.start), mark(draft.train_end), mark(draft.end)] as const;
  return (
    <div className="stack stack--tight">
      <ul className="coverage">
        {coverage.map((item) => {
          const left = share(Date.parse(item.start), from, to);
          const width = Math.max(0.5, share(Date.parse(item.end), from, to) - left);
          return (
            <li key={item.symbol} className="coverage__row">
              <strong>{item.symbol}</strong>
              <span className="coverage__track" aria-hidden="true">
                <span className="coverage__bar" style={{ left: `${left}%`, width: `${width}%` }} />
                {cuts.map((at, index) => at !== null && <span key={index} className="coverage__cut" style={{ left: `${at}%` }} />)}
              </span>
              <span className="small muted">
                {isoDate(item.start)} to {isoDate(item.end)} · {plural(item.bars, 'bar')}
                {item.missing_bars ? ` · ${count(item.missing_bars)} missing` : ''}
                {item.quarantined ? ` · ${count(item.quarantined)} in quarantine` : ''}
              </span>
            </li>
          );
        })}
      </ul>
      <p className="small muted">The marks on the lines are the first day, the end of training and the last day.</p>
      {short.length > 0 && (
        <p className="small">
          <strong>{short.join(', ')}</strong> {short.length === 1 ? 'has' : 'have'} less than half the history of the others. The suggested dates do not wait for{' '}
          {short.length === 1 ? 'it' : 'them'}; the result names what was left out.
        </p>
      )}
    </div>
  );
}
