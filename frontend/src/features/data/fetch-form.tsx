import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { ApiError, messageOf } from '@/api/errors';
import { useStartFetch } from '@/api/fetches';
import type { Fetch } from '@/api/types';
import { Notice } from '@/components/badge';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { BAR_SIZES } from '@/charting/chart-choices';
import { ExchangeField, mayHaveExchange } from './exchange-field';
import { ASSET_CLASSES, type AssetClass, EMPTY, type FetchDraft, type FetchErrors, type FetchSize, toFetch, validateFetch } from './fetch-draft';
import { FetchOptions, type PartProps } from './fetch-options';
import { ProviderOrder } from './provider-order';

interface FormProps {
  readonly symbol: string;
  readonly onStarted: (fetch: Fetch) => void;
  readonly onCancel: () => void;
}

function served(error: unknown): FetchErrors {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.fields.map(({ field, message }) => [field.split('.').find((part) => part in EMPTY) ?? field, message]));
}

function RangeFields({ draft, errors, edit }: PartProps): ReactNode {
  const editKind = (kind: AssetClass): void => edit({ asset_class: kind, ...(mayHaveExchange(kind) ? {} : { exchange: '' }) });
  return (
    <div className="form-grid">
      <Field label="Interval" error={errors.bar_size}>
        {(control) => (
          <select {...control} className="input" value={draft.bar_size} onChange={(event) => edit({ bar_size: event.target.value as FetchSize })}>
            {BAR_SIZES.map((size) => <option key={size}>{size}</option>)}
          </select>
        )}
      </Field>
      <Field label="First day" error={errors.start}>
        {(control) => <input {...control} className="input" type="date" value={draft.start} onChange={(event) => edit({ start: event.target.value })} />}
      </Field>
      <Field label="Last day" hint="Empty: up to now." error={errors.end}>
        {(control) => <input {...control} className="input" type="date" value={draft.end} onChange={(event) => edit({ end: event.target.value })} />}
      </Field>
      <Field label="Kind" hint="Of symbols that are new." error={errors.asset_class}>
        {(control) => (
          <select {...control} className="input" value={draft.asset_class} onChange={(event) => editKind(event.target.value as AssetClass)}>
            {ASSET_CLASSES.map((name) => <option key={name} value={name}>{name || 'As the provider says'}</option>)}
          </select>
        )}
      </Field>
      {mayHaveExchange(draft.asset_class) && (
        <ExchangeField value={draft.exchange} none="As the provider says" hint="Of symbols that are new, such as XLON." error={errors.exchange} onChange={(exchange) => edit({ exchange })} />
      )}
    </div>
  );
}

function SymbolsField({ draft, errors, edit }: PartProps): ReactNode {
  return (
    <div className="stack stack--tight">
      <Field label="Symbols" hint="With commas or spaces between them." error={errors.symbols}>
        {(control) => <input {...control} className="input" autoComplete="off" spellCheck={false} disabled={draft.all_stored} value={draft.symbols} onChange={(event) => edit({ symbols: event.target.value })} />}
      </Field>
      <label className="check">
        <input type="checkbox" checked={draft.all_stored} onChange={(event) => edit({ all_stored: event.target.checked })} />
        All that are stored in this interval
      </label>
    </div>
  );
}

/** Asks providers for bars. What is stored already is not asked for again, unless the user says so. */
export function FetchForm({ symbol, onStarted, onCancel }: FormProps): ReactNode {
  const [draft, setDraft] = useState<FetchDraft>({ ...EMPTY, symbols: symbol });
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const start = useStartFetch();
  const found = validateFetch(draft, new Date().toISOString().slice(0, 10));
  const errors: FetchErrors = { ...(tried ? found : {}), ...served(start.error) };
  const edit = (change: Partial<FetchDraft>): void => {
    setDraft((old) => ({ ...old, ...change }));
    start.reset();
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(found).length > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    start.mutate(toFetch(draft), { onSuccess: onStarted });
  };
  return (
    <form ref={form} className="stack fetch-form" onSubmit={onSubmit} noValidate aria-label="New fetch">
      <SymbolsField draft={draft} errors={errors} edit={edit} />
      <RangeFields draft={draft} errors={errors} edit={edit} />
      <ProviderOrder kind="asked" chosen={draft.providers} onChange={(providers) => edit({ providers })} />
      <FetchOptions draft={draft} errors={errors} edit={edit} />
      {start.isError && <Notice tone="danger">{messageOf(start.error)}</Notice>}
      <div className="row">
        <Button type="submit" variant="primary" busy={start.isPending}>Start the fetch</Button>
        <Button variant="quiet" onClick={onCancel}>Close</Button>
      </div>
    </form>
  );
}
