import type { ReactNode } from 'react';
import { Button } from '@/components/button';
import { type Provider, PROVIDERS, raised } from './fetch-draft';

interface OrderProps {
  readonly chosen: readonly Provider[];
  readonly onChange: (providers: readonly Provider[]) => void;
}

const labelOf = (name: Provider): string => PROVIDERS.find((one) => one.name === name)?.label ?? name;

/** Which providers are asked, and in which order: the next one is asked where one fails. */
export function ProviderOrder({ chosen, onChange }: OrderProps): ReactNode {
  const others = PROVIDERS.filter(({ name }) => !chosen.includes(name));
  return (
    <fieldset className="choice-set field">
      <legend className="field__label">Providers, in order</legend>
      {chosen.length === 0 ? (
        <p className="field__hint">None chosen: those of the server’s settings are asked.</p>
      ) : (
        <ol className="provider-order" aria-label="Chosen providers">
          {chosen.map((name, at) => (
            <li key={name} className="row">
              <span className="provider-order__name">{at + 1}. {labelOf(name)}</span>
              {at > 0 && <Button variant="quiet" aria-label={`Ask ${labelOf(name)} earlier`} onClick={() => onChange(raised(chosen, name))}>Earlier</Button>}
              <Button variant="quiet" aria-label={`Remove ${labelOf(name)}`} onClick={() => onChange(chosen.filter((one) => one !== name))}>Remove</Button>
            </li>
          ))}
        </ol>
      )}
      {others.length > 0 && (
        <div className="row">
          {others.map(({ name, label }) => (
            <Button key={name} onClick={() => onChange([...chosen, name])}>Add {label}</Button>
          ))}
        </div>
      )}
    </fieldset>
  );
}
