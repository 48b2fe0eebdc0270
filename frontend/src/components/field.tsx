import { type ReactNode, useId } from 'react';

interface Control {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

interface FieldProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly children: (control: Control) => ReactNode;
}

/** Label, control, explanation and error, tied together for assistive technology. */
export function Field({ label, hint, error, children }: FieldProps): ReactNode {
  const id = useId();
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': describedBy || undefined, 'aria-invalid': error ? true : undefined })}
      {error && (
        <p className="field__error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint && (
        <p className="field__hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly tone?: 'sell' }[];
  readonly onChange: (value: T) => void;
  readonly disabled?: boolean;
}

/** A few options side by side; radio buttons underneath. */
export function Choice<T extends string>({ label, value, options, onChange, disabled }: ChoiceProps<T>): ReactNode {
  const name = useId();
  return (
    <fieldset className="choice-set field">
      <legend className="field__label">{label}</legend>
      <div className="choice">
        {options.map((option) => (
          <label key={option.value} className={option.tone ? `choice__option choice__option--${option.tone}` : 'choice__option'}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              disabled={disabled}
              onChange={() => onChange(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
