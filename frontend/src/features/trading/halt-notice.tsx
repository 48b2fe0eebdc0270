import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { orderLimitsQuery } from '@/api/orders';
import { type HaltKnown, useHalt } from '@/api/trading-now';
import type { OrderLimits } from '@/api/types';
import { Notice } from '@/components/badge';

/** What becomes of an order meanwhile, by the server's setting. */
function outcome(allowed: OrderLimits['orders_in_halt'], until: string): readonly string[] {
  if (allowed === 'none') return [`Orders are refused until ${until}.`];
  if (allowed === 'limit') {
    return [
      `Market orders are refused until ${until}.`,
      'Limit orders are taken and wait; when trading resumes they meet the prices of that moment, never worse than their limit.',
    ];
  }
  return [`Orders are taken and wait until ${until}.`, 'A market order then takes whatever price there is; a limit order never a worse one than its limit.'];
}

function Situation({ symbol, halt, unknown }: HaltKnown & { readonly symbol: string }): ReactNode {
  const because = halt?.reason ? `: ${halt.reason}` : '';
  if (!unknown) {
    return (
      <p>
        <strong>Trading in {symbol} is halted</strong>
        {because}
      </p>
    );
  }
  return (
    <>
      <p>
        <strong>{unknown}</strong>
      </p>
      {halt && <p className="small">When it was heard of last, it was halted{because}.</p>}
    </>
  );
}

/** Says that a symbol is halted at its exchange, or may be, why, and what becomes of orders; nothing where it is not. */
export function HaltNotice({ symbol }: { readonly symbol: string }): ReactNode {
  const { halt, unknown } = useHalt(symbol);
  const may = halt !== null || unknown !== '';
  const limits = useQuery({ ...orderLimitsQuery, enabled: may }).data;
  if (!may) return null;
  return (
    <Notice tone="warn">
      <Situation symbol={symbol} halt={halt} unknown={unknown} />
      {limits && (
        <ul className="reasons small">
          {outcome(limits.orders_in_halt, unknown ? 'it is known to trade' : 'it resumes').map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
