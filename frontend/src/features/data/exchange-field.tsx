import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exchangesQuery } from '@/api/instruments';
import type { InstrumentFacts } from '@/api/types';
import { Field } from '@/components/field';

const ON_EXCHANGES: ReadonlySet<InstrumentFacts['asset_class']> = new Set(['equity', 'etf', 'index', 'future']);

/** Currencies and coins trade on no exchange, as the server has it; what is not known yet may. */
export const mayHaveExchange = (kind: InstrumentFacts['asset_class'] | ''): boolean => kind === '' || ON_EXCHANGES.has(kind);

interface FieldProps {
  /** A MIC; empty: none is named. */
  readonly value: string;
  readonly onChange: (mic: string) => void;
  /** What naming none means. */
  readonly none: string;
  readonly hint: string;
  readonly error: string | undefined;
}

/** One of the exchanges that the server knows. */
export function ExchangeField({ value, onChange, none, hint, error }: FieldProps): ReactNode {
  const known = useQuery(exchangesQuery).data ?? [];
  const apart = value && !known.some((one) => one.mic === value) ? [{ mic: value, calendar: value }] : [];
  return (
    <Field label="Exchange" hint={hint} error={error}>
      {(control) => (
        <select {...control} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">{none}</option>
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
