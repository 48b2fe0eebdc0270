import type { ReactNode } from 'react';
import { Button } from '@/components/button';
import { labelOf, type Provider, PROVIDERS, raised } from './fetch-draft';

interface OrderProps {
  readonly kind: 'asked' | 'check';
  readonly chosen: readonly Provider[];
  readonly onChange: (providers: readonly Provider[]) => void;
  readonly most?: number;
  readonly error?: string | undefined;
}

interface Words {
  readonly legend: string;
  readonly list: string;
  readonly none: string;
  readonly add: (label: string) => string;
  readonly earlier: (label: string) => string;
  readonly remove: (label: string) => string;
}

const WORDS: Readonly<Record<OrderProps['kind'], Words>> = {
  asked: {
    legend: 'Providers, in order',
    list: 'Chosen providers',
    none: 'None chosen: those of the server’s settings are asked.',
    add: (label) => `Add ${label}`,
    earlier: (label) => `Ask ${label} earlier`,
    remove: (label) => `Remove ${label}`,
  },
  check: {
    legend: 'Check against',
    list: 'Providers to check against',
    none: 'Holds the bars against those of another provider; a second one settles who is wrong.',
    add: (label) => `Check against ${label}`,
    earlier: (label) => `Check against ${label} earlier`,
    remove: (label) => `Remove ${label} from the checks`,
  },
};

/** Providers that are asked, or checked against, in order. */
export function ProviderOrder({ kind, chosen, onChange, most = PROVIDERS.length, error }: OrderProps): ReactNode {
  const words = WORDS[kind];
  const others = PROVIDERS.filter(({ name }) => !chosen.includes(name));
  return (
    <fieldset className="choice-set field">
      <legend className="field__label">{words.legend}</legend>
      {chosen.length === 0 ? (
        <p className="field__hint">{words.none}</p>
      ) : (
        <ol className="provider-order" aria-label={words.list}>
          {chosen.map((name, at) => (
            <li key={name} className="row">
              <span className="provider-order__name">{at + 1}. {labelOf(name)}</span>
              {at > 0 && <Button variant="quiet" aria-label={words.earlier(labelOf(name))} onClick={() => onChange(raised(chosen, name))}>Earlier</Button>}
              <Button variant="quiet" aria-label={words.remove(labelOf(name))} onClick={() => onChange(chosen.filter((one) => one !== name))}>Remove</Button>
            </li>
          ))}
        </ol>
      )}
      {error && <p className="field__error" role="alert">{error}</p>}
      {others.length > 0 && chosen.length < most && (
        <div className="row">
          {others.map(({ name, label }) => (
            <Button key={name} aria-label={words.add(label)} onClick={() => onChange([...chosen, name])}>{kind === 'asked' ? words.add(label) : label}</Button>
          ))}
        </div>
      )}
    </fieldset>
  );
}
