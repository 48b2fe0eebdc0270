import type { ReactNode } from 'react';
import { Field } from '@/components/field';
import { plural } from '@/lib/format';
import { changedOptions, type InferenceDraft } from './inference-draft';
import { groupsFor, type OptionText } from './inference-options';
import type { SpecDraft, SpecErrors } from './spec-draft';

interface FieldsProps {
  readonly draft: SpecDraft;
  readonly errors: SpecErrors;
  readonly edit: (change: Partial<SpecDraft>) => void;
}

interface OneProps {
  readonly option: OptionText;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

function One({ option, value, error, onChange }: OneProps): ReactNode {
  return (
    <Field label={option.label} hint={option.hint} error={error}>
      {(control) =>
        option.choices ? (
          <select {...control} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
            {option.choices.map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        ) : (
          <input {...control} className="input" inputMode="numeric" autoComplete="off" value={value} onChange={(event) => onChange(event.target.value)} />
        )
      }
    </Field>
  );
}

/** Series that act on all others; typed, because most analyses need none. */
function Drivers({ draft, error, onChange }: { readonly draft: SpecDraft; readonly error: string | undefined; readonly onChange: (names: string[]) => void }): ReactNode {
  const split = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean).map((name) => (name.startsWith('@') ? name.toLowerCase() : name.toUpperCase()));
  return (
    <Field label="Condition on" hint="Chosen series that act on all others, such as a market; @mean and @pc1 are made of all. They are neither source nor target. Default: none." error={error}>
      {(control) => <input {...control} className="input" autoComplete="off" placeholder="SPY, @mean" defaultValue={draft.inference.condition_on.join(', ')} onBlur={(event) => onChange(split(event.target.value))} />}
    </Field>
  );
}

/** Everything about inference, collapsed: the defaults are the recommended choices. */
export function InferenceFields({ draft, errors, edit }: FieldsProps): ReactNode {
  const { inference } = draft;
  const groups = groupsFor(draft.estimator);
  const change = (part: Partial<InferenceDraft>): void => edit({ inference: { ...inference, ...part } });
  const changed = changedOptions(inference);
  const wrong = Object.keys(inference).some((name) => errors[name as keyof InferenceDraft]);
  return (
    <details className="panel candidates" open={wrong || undefined}>
      <summary className="candidates__summary">
        Advanced options <span className="muted small candidates__note">{changed ? `${plural(changed, 'change')} from the defaults` : 'defaults are the recommended choices'}</span>
      </summary>
      <div className="panel__body stack">
        {groups.map((group) => (
          <fieldset key={group.title} className="option-group">
            <legend>{group.title}</legend>
            <div className="form-grid">
              {group.options.map((option) => (
                <One key={option.name} option={option} value={String(inference[option.name])} error={errors[option.name]} onChange={(value) => change({ [option.name]: value })} />
              ))}
              {group.title === 'Search' && <Drivers draft={draft} error={errors.condition_on} onChange={(names) => change({ condition_on: names })} />}
            </div>
          </fieldset>
        ))}
      </div>
    </details>
  );
}
