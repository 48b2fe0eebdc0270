import type { ReactNode } from 'react';
import * as decimal from '@/lib/decimal';
import { signedMoney, signedPercent } from '@/lib/format';

export function Stats({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <dl className="stats" aria-label={label}>
      {children}
    </dl>
  );
}

export function Stat({ label, detail, children }: { readonly label: ReactNode; readonly detail?: ReactNode; readonly children: ReactNode }): ReactNode {
  return (
    <div className="stat">
      <dt className="stat__label">{label}</dt>
      <dd className="stat__value">{children}</dd>
      {detail && <dd className="stat__detail">{detail}</dd>}
    </div>
  );
}

const ARROWS = { '-1': '▼', '0': '', '1': '▲' } as const;
const CLASSES = { '-1': 'down', '0': 'muted', '1': 'up' } as const;

function Signed({ direction, text }: { readonly direction: -1 | 0 | 1; readonly text: string }): ReactNode {
  return (
    <span className={CLASSES[direction]}>
      {direction !== 0 && <span aria-hidden="true">{ARROWS[direction]}{'\u00a0'}</span>}
      {text}
    </span>
  );
}

/** Profit or loss: colour, arrow and sign say the same. */
export function MoneyChange({ value, currency }: { readonly value: string | null | undefined; readonly currency?: string }): ReactNode {
  if (value == null) return <span className="muted">–</span>;
  return <Signed direction={decimal.sign(value)} text={signedMoney(value, currency)} />;
}

export function PercentChange({ value, places = 2 }: { readonly value: number | null | undefined; readonly places?: number }): ReactNode {
  if (value == null || !Number.isFinite(value)) return <span className="muted">–</span>;
  const text = signedPercent(value, places);
  const shown = /[1-9]/.test(text); // what rounds to nothing has no direction
  return <Signed direction={shown ? (Math.sign(value) as -1 | 0 | 1) : 0} text={text} />;
}
