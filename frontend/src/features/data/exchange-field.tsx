import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exchangesQuery } from '@/api/instruments';
import type { InstrumentFacts } from '@/api/types';
import { Field } from '@/components/field';

type AssetClass = InstrumentFacts['asset_class'];
const ON_EXCHANGES: readonly AssetClass[] = ['equity', 'etf', 'index', 'future'];

/** Whether such instruments have an exchange at all. */
export const tradesOnExchange = (kind: AssetClass): boolean => ON_EXCHANGES.includes(kind);

interface Props {
  readonly value: string;
  /** What no choice means. */
  readonly empty: string;
  readonly hint: string;
  readonly error: string | undefined;
  readonly onChange: (mic: string) => void;
}

/** One of the exchanges whose sessions are known, by its MIC. */
export function ExchangeField({ value, empty, hint, error, onChange }: Props): ReactNode {
  const known = useQuery(exchangesQuery).data ?? [];
  const apart = value && !known.some((one) => one.mic === value) ? [{ mic: value, calendar: value }] : [];
  return (
    <Field label="Exchange" hint={hint} error={error}>
      {(control) => (
        <select {...control} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{empty}</option>
          {[...apart, ...known].map(({ mic, calendar }) => (
            <option key={mic} value={mic}>
              {calendar === mic ? mic : `${mic} (sessions of ${calendar})`}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
