import { useState } from 'react';
import { usePreviewOrder, useSubmitOrder } from '@/api/orders';
import type { Order, OrderRequest } from '@/api/types';
import { randomId } from '@/lib/ids';
import { EMPTY_TICKET, type TicketDraft, type TicketErrors, toRequest, validateTicket } from './ticket';

/**
 * Edit → preview → submit. The client_order_id is made with the preview and kept until the server answered,
 * so that a second click, or a second try after a lost answer, is the same order.
 */
export function useTicket(symbol: string, onSubmitted: (order: Order) => void) {
  const [draft, setDraft] = useState<TicketDraft>(EMPTY_TICKET);
  const [touched, setTouched] = useState(false);
  const [request, setRequest] = useState<OrderRequest | null>(null);
  const preview = usePreviewOrder();
  const submit = useSubmitOrder();

  const full = { ...draft, symbol };
  const errors: TicketErrors = touched ? validateTicket(full) : {};
  const stale = request !== null && request.symbol !== symbol;

  const edit = (change: Partial<TicketDraft>): void => {
    setDraft((old) => ({ ...old, ...change }));
    discard();
  };
  const discard = (): void => {
    setRequest(null);
    preview.reset();
    submit.reset();
  };
  const askPreview = (): void => {
    setTouched(true);
    if (Object.keys(validateTicket(full)).length > 0) return;
    const made = toRequest(full, randomId('web'));
    setRequest(made);
    submit.reset();
    preview.mutate(made);
  };
  const send = (): void => {
    if (!request || submit.isPending) return;
    submit.mutate(request, {
      onSuccess: (order) => {
        setTouched(false);
        setDraft((old) => ({ ...old, quantity: '', limitPrice: '' }));
        discard();
        onSubmitted(order);
      },
    });
  };

  return {
    draft,
    errors,
    edit,
    discard,
    askPreview,
    send,
    shown: stale ? null : (preview.data ?? null),
    preview,
    submit,
    locked: submit.isPending,
  };
}
