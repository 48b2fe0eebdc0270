import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTradingState } from '@/api/data';
import { orderLimitsQuery } from '@/api/orders';
import type { OrderLimits, TradingStatus } from '@/api/types';
import { Notice } from '@/components/badge';

/** What becomes of an order meanwhile, by the server's setting. */
const OUTCOME: Record<OrderLimits['orders_in_halt'], readonly string[]> = {
  limit: [
    'Market orders are refused until it resumes.',
    'Limit orders are taken and wait; when trading resumes they meet the prices of that moment, never worse than their limit.',
  ],
  none: ['Orders are refused until it resumes.'],
  all: [
    'Orders are taken and wait until it resumes.',
    'A market order then takes whatever price there is; a limit order never a worse one than its limit.',
  ],
};

function Halted({ halt }: { readonly halt: TradingStatus }): ReactNode {
  const limits = useQuery(orderLimitsQuery).data;
  return (
    <Notice tone="warn">
      <p>
        <strong>Trading in {halt.symbol} is halted</strong>
        {halt.reason && `: ${halt.reason}`}
      </p>
      {limits && (
        <ul className="reasons small">
          {OUTCOME[limits.orders_in_halt].map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </Notice>
  );
}

/** Says that a symbol is halted at its exchange, why, and what becomes of orders; nothing where it is not. */
export function HaltNotice({ symbol }: { readonly symbol: string }): ReactNode {
  const halt = useTradingState(symbol);
  return halt?.halted ? <Halted halt={halt} /> : null;
}
