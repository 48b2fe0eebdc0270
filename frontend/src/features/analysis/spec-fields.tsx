import type { ReactNode } from 'react';
import { Choice, Field } from '@/components/field';
import type { SpecDraft, SpecErrors } from './spec-draft';

interface PartProps {
  readonly draft: SpecDraft;
  readonly errors: SpecErrors;
  readonly edit: (change: Partial<SpecDraft>) => void;
}

const ESTIMATORS: Readonly<Record<SpecDraft['estimator'], { readonly label: string; readonly hint: string }>> = {
  gaussian: { label: 'Gaussian', hint: 'Exact for linear coupling, takes seconds for hundreds of series, and needs no surrogates.' },
  copula: { label: 'Gaussian copula', hint: 'The same after each series was replaced by the normal scores of its ranks: monotone coupling, heavy tails.' },
  ksg: { label: 'KSG: nearest neighbours', hint: 'Finds any dependence; needs more data and many times the time.' },
  discrete: { label: 'Discrete: bins', hint: 'Values cut into bins of equal counts: any dependence that so few bins can show.' },
  ordinal: { label: 'Ordinal: order patterns', hint: 'Symbolic transfer entropy: only the order of neighbouring bars counts, not their size.' },
};
const BAR_SIZES: readonly SpecDraft['bar_size'][] = ['1s', '5s', '1m', '5m', '15m', '1h', '1d'];

export function MethodFields({ draft, errors, edit }: PartProps): ReactNode {
  return (
    <div className="stack">
      <Field label="Name" hint="Optional. Without one the series name it." error={errors.name}>
        {(control) => <input {...control} className="input" maxLength={120} value={draft.name} onChange={(event) => edit({ name: event.target.value })} />}
      </Field>
      <Choice
        label="Measure"
        value={draft.measure}
        options={[
          { value: 'log-volatility', label: 'Log-volatility' },
          { value: 'returns', label: 'Returns' },
        ]}
        onChange={(measure) => edit({ measure })}
      />
      <p className="field__hint">
        {draft.measure === 'returns'
          ? 'Log close-to-close returns. Daily returns of large stocks hardly drive one another: expect few links or none.'
          : 'Logarithm of the range-based volatility of a bar. Volatility spills over from one series to another far more than returns do.'}
      </p>
      <Field label="Estimator" hint={ESTIMATORS[draft.estimator].hint}>
        {(control) => (
          <select {...control} className="input" value={draft.estimator} onChange={(event) => edit({ estimator: event.target.value as SpecDraft['estimator'] })}>
            {Object.entries(ESTIMATORS).map(([name, { label }]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Bars" error={errors.bar_size}>
        {(control) => (
          <select {...control} className="input" value={draft.bar_size} onChange={(event) => edit({ bar_size: event.target.value as SpecDraft['bar_size'] })}>
            {BAR_SIZES.map((size) => (
              <option key={size}>{size}</option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

export function DateFields({ draft, errors, edit }: PartProps): ReactNode {
  const fields = [
    { name: 'start', label: 'First day', hint: 'Suggested: where all chosen series are stored.' },
    { name: 'train_end', label: 'Last day of training', hint: 'Links and forecasts see nothing later. Suggested: 70 % of the range.' },
    { name: 'end', label: 'Last day of evaluation', hint: 'The signal is judged from after the training to here.' },
  ] as const;
  return (
    <div className="form-grid">
      {fields.map(({ name, label, hint }) => (
        <Field key={name} label={label} hint={hint} error={errors[name]}>
          {(control) => <input {...control} className="input" type="date" value={draft[name]} onChange={(event) => edit({ [name]: event.target.value })} />}
        </Field>
      ))}
    </div>
  );
}

const NUMBERS = [
  { name: 'max_lag', label: 'Largest lag (bars)', hint: 'How far back a driver may act. Default 5: one week of daily bars.' },
  { name: 'horizon', label: 'Forecast horizon (bars)', hint: 'How far ahead the signal forecasts. Default 1.' },
  { name: 'alpha', label: 'False discovery rate', hint: 'Links with a corrected q below it count as found. Default 0.05.' },
  { name: 'n_permutations', label: 'Permutations', hint: 'More make small p-values finer. Default 200.' },
  { name: 'cost_bps', label: 'Cost (basis points)', hint: 'Charged on every unit of turnover. Default 5.' },
  { name: 'seed', label: 'Random seed', hint: 'The same seed on the same data gives the same answer.' },
] as const;

export function NumberFields({ draft, errors, edit }: PartProps): ReactNode {
  return (
    <div className="form-grid">
      {NUMBERS.map(({ name, label, hint }) => (
        <Field key={name} label={label} hint={hint} error={errors[name]}>
          {(control) => <input {...control} className="input" inputMode="decimal" autoComplete="off" value={draft[name]} onChange={(event) => edit({ [name]: event.target.value })} />}
        </Field>
      ))}
    </div>
  );
}
