import type { ReactNode } from 'react';
import { percent } from '@/lib/format';

interface MeterProps {
  readonly label: string;
  /** A share from 0 to 1; null where it is not known. */
  readonly value: number | null;
  readonly unknown: string;
}

/** A share as a bar with its number; the scale is always 0 to 100 %. */
export function ShareMeter({ label, value, unknown }: MeterProps): ReactNode {
  return (
    <div className="meter">
      <div className="meter__head">
        <span>{label}</span>
        {value === null ? <span className="muted small">{unknown}</span> : <strong>{percent(value, 0)}</strong>}
      </div>
      {value !== null && (
        <div className="meter__track" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(value * 100)}>
          <div className="meter__bar" style={{ width: `${Math.round(value * 100)}%` }} />
        </div>
      )}
    </div>
  );
}
