import type { ReactNode } from 'react';
import type { AlertFilter } from '@/api/alerts';
import type { Alert } from '@/api/types';
import { words } from '@/lib/format';
import { type QueryChange, useQueryState } from '@/lib/use-query-state';

const SEVERITIES: readonly Alert['severity'][] = ['critical', 'warning', 'info'];

/** Which alerts are shown, kept in the address. */
export function useAlertFilter(): readonly [AlertFilter, (change: QueryChange) => void] {
  const [query, change] = useQueryState();
  const severity = SEVERITIES.find((one) => one === query.get('severity')) ?? null;
  return [{ severity, unseen: query.get('unseen') === '1' }, change];
}

interface Props {
  readonly filter: AlertFilter;
  readonly onChange: (change: QueryChange) => void;
}

export function AlertFilters({ filter, onChange }: Props): ReactNode {
  return (
    <>
      <label className="check">
        <input type="checkbox" checked={filter.unseen} onChange={(event) => onChange({ unseen: event.target.checked ? '1' : null })} />
        Unseen only
      </label>
      <select className="input alert-choice" aria-label="Severity" value={filter.severity ?? ''} onChange={(event) => onChange({ severity: event.target.value || null })}>
        <option value="">All severities</option>
        {SEVERITIES.map((one) => (
          <option key={one} value={one}>
            {words(one)}
          </option>
        ))}
      </select>
    </>
  );
}
