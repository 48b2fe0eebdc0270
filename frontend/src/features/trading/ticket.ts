/** The order ticket without its looks: what is asked for, what is wrong with it, what is sent. */
import type { OrderRequest } from '@/api/types';
import * as decimal from '@/lib/decimal';

export interface TicketDraft {
  readonly symbol: string;
  readonly side: OrderRequest['side'];
  readonly orderType: OrderRequest['order_type'];
  readonly timeInForce: NonNullable<OrderRequest['time_in_force']>;
  readonly quantity: string;
  readonly limitPrice: string;
}

export type TicketErrors = Partial<Record<'symbol' | 'quantity' | 'limitPrice', string>>;

export const EMPTY_TICKET: TicketDraft = {
  symbol: '',
  side: 'buy',
  orderType: 'market',
  timeInForce: 'day',
  quantity: '',
  limitPrice: '',
};

function positive(text: string, what: string): string | undefined {
  if (text.trim() === '') return `Enter ${what}.`;
  if (!decimal.isDecimal(text)) return `Expected a number such as 10 or 10.5; found “${text.trim()}”.`;
  return decimal.sign(text) > 0 ? undefined : 'Must be more than zero.';
}

export function validateTicket(draft: TicketDraft): TicketErrors {
  const errors: TicketErrors = {};
  if (!draft.symbol) errors.symbol = 'Choose a symbol.';
  const quantity = positive(draft.quantity, 'a quantity');
  if (quantity) errors.quantity = quantity;
  const limit = draft.orderType === 'limit' ? positive(draft.limitPrice, 'a limit price') : undefined;
  if (limit) errors.limitPrice = limit;
  return errors;
}

export function toRequest(draft: TicketDraft, clientOrderId: string): OrderRequest {
  return {
    client_order_id: clientOrderId,
    symbol: draft.symbol,
    side: draft.side,
    quantity: draft.quantity.trim(),
    order_type: draft.orderType,
    time_in_force: draft.timeInForce,
    limit_price: draft.orderType === 'limit' ? draft.limitPrice.trim() : null,
  };
}
