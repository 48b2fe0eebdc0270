import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly variant?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly shape?: 'text' | 'icon' | 'block';
  /** Shows that work goes on and refuses further clicks. */
  readonly busy?: boolean;
}

export function Button({ variant = 'plain', shape = 'text', busy = false, children, className, disabled, ...rest }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={classNames('button', variant !== 'plain' && `button--${variant}`, shape !== 'text' && `button--${shape}`, className)}
    >
      {busy && <span className="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}
