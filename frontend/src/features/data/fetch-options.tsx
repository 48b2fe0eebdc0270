import { type ReactNode, useState } from 'react';
import { Field } from '@/components/field';
import { type FetchDraft, type FetchErrors, MOST_CHECKS } from './fetch-draft';
import { ProviderOrder } from './provider-order';

export interface PartProps {
  readonly draft: FetchDraft;
  readonly errors: FetchErrors;
  readonly edit: (change: Partial<FetchDraft>) => void;
}

type Switch = 'again' | 'replace' | 'extended_hours' | 'patient' | 'repairs';

/** In the words of `causeway fetch`. */
const SWITCHES: readonly { readonly name: Switch; readonly label: string }[] = [
  { name: 'again', label: 'Ask for the whole range, also for what is stored' },
  { name: 'replace', label: 'Let fetched bars replace stored ones that differ' },
  { name: 'extended_hours', label: 'Also before and after the regular session' },
  { name: 'patient', label: 'An unknown symbol waits for a provider whose plan is used up, too' },
  { name: 'repairs', label: 'Also propose what the provider’s own repair would change (Yahoo)' },
];

/** What most fetches leave as it is. Opens by itself where something in it is wrong. */
export function FetchOptions({ draft, errors, edit }: PartProps): ReactNode {
  const [open, setOpen] = useState(false);
  const wrong = Boolean(errors.check_against ?? errors.name);
  return (
    <details open={open || wrong} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="data-summary">More options</summary>
      <div className="stack">
        <ProviderOrder kind="check" most={MOST_CHECKS} chosen={draft.check_against} error={errors.check_against} onChange={(check_against) => edit({ check_against })} />
        <fieldset className="choice-set">
          <legend className="visually-hidden">What is asked for and stored</legend>
          {SWITCHES.map(({ name, label }) => (
            <label key={name} className="check">
              <input type="checkbox" checked={draft[name]} onChange={(event) => edit({ [name]: event.target.checked })} />
              {label}
            </label>
          ))}
        </fieldset>
        <Field label="Name (optional)" hint="To know it by." error={errors.name}>
          {(control) => <input {...control} className="input" maxLength={200} autoComplete="off" value={draft.name} onChange={(event) => edit({ name: event.target.value })} />}
        </Field>
      </div>
    </details>
  );
}
