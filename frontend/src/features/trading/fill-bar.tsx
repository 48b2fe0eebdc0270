import type { ReactNode } from 'react';
import { quantity } from '@/lib/format';

/** How much of an order is filled, as numbers and as a bar. */
export function FillBar({ filled, total }: { readonly filled: string; readonly total: string }): ReactNode {
  const part = Math.min(1, Number(filled) / Number(total) || 0);
  return (
    <span className="fill">
      <span>
        {quantity(filled)} / {quantity(total)}
      </span>
      <span className="fill__track" aria-hidden="true">
        <span className="fill__bar" style={{ width: `${part * 100}%` }} />
      </span>
    </span>
  );
}
