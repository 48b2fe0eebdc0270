import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, messageOf } from '@/api/errors';
import { useCorrectInstrument } from '@/api/instruments';
import type { InstrumentFacts } from '@/api/types';
import { Notice } from '@/components/badge';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { notify } from '@/components/toasts';
import { ExchangeField, tradesOnExchange } from './exchange-field';

type AssetClass = InstrumentFacts['asset_class'];
const CLASSES: readonly AssetClass[] = ['equity', 'etf', 'index', 'future', 'fx', 'crypto', 'synthetic'];
type Draft = Pick<InstrumentFacts, 'name' | 'exchange' | 'asset_class' | 'currency'>;

/** What differs from what is known; an exchange that is left as it is does not reset the sessions. */
function changed(facts: InstrumentFacts, draft: Draft): Partial<Draft> {
  const edited = { ...draft, name: draft.name.trim(), currency: draft.currency.trim() };
  return Object.fromEntries(Object.entries(edited).filter(([field, value]) => facts[field as keyof Draft] !== value));
}

/** Corrects what is known of a symbol. Somebody else's correction in between is said, and nothing is overwritten. */
export function InstrumentForm({ facts, onDone }: { readonly facts: InstrumentFacts; readonly onDone: () => void }): ReactNode {
  const [draft, setDraft] = useState<Draft>({ name: facts.name, exchange: facts.exchange, asset_class: facts.asset_class, currency: facts.currency });
  const correct = useCorrectInstrument(facts.symbol);
  const fault = correct.error instanceof ApiError ? correct.error : null;
  const given = changed(facts, draft);
  const edit = (change: Partial<Draft>): void => {
    setDraft((old) => ({ ...old, ...change }));
    correct.reset();
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    correct.mutate(
      { revision: facts.revision, ...given },
      {
        onSuccess: (done) => {
          notify(`${facts.symbol} was corrected`, done.consequences.join('. ') || 'Nothing else follows from it.');
          onDone();
        },
      },
    );
  };
  return (
    <form className="stack" onSubmit={onSubmit} noValidate aria-label={`Facts of ${facts.symbol}`}>
      <div className="form-grid">
        <Field label="Currency" hint="Of its prices, such as GBP; not pence." error={fault?.forField('currency')}>
          {(control) => <input {...control} className="input" maxLength={5} autoComplete="off" spellCheck={false} value={draft.currency} onChange={(event) => edit({ currency: event.target.value })} />}
        </Field>
        <Field label="Kind" error={fault?.forField('asset_class')}>
          {(control) => (
            <select {...control} className="input" value={draft.asset_class} onChange={(event) => edit({ asset_class: event.target.value as AssetClass, ...(tradesOnExchange(event.target.value as AssetClass) ? {} : { exchange: '' }) })}>
              {CLASSES.map((name) => <option key={name}>{name}</option>)}
            </select>
          )}
        </Field>
        {tradesOnExchange(draft.asset_class) && (
          <ExchangeField value={draft.exchange} empty="Not known" hint="By its MIC. Missing sessions and days follow its calendar." error={fault?.forField('exchange')} onChange={(exchange) => edit({ exchange })} />
        )}
        <Field label="Name" error={fault?.forField('name')}>
          {(control) => <input {...control} className="input" maxLength={200} autoComplete="off" value={draft.name} onChange={(event) => edit({ name: event.target.value })} />}
        </Field>
      </div>
      {given.currency !== undefined && <Notice tone="warn">Stored prices are not converted: they are read as {given.currency || 'another currency'} from now on.</Notice>}
      {correct.isError && <Notice tone="danger">{messageOf(correct.error)}</Notice>}
      <div className="row">
        <Button type="submit" variant="primary" busy={correct.isPending} disabled={Object.keys(given).length === 0}>
          Save the correction
        </Button>
        <Button variant="quiet" onClick={onDone}>Close</Button>
      </div>
    </form>
  );
}
