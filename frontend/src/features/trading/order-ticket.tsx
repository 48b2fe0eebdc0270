import type { FormEvent, ReactNode } from 'react';
import { ApiError, messageOf } from '@/api/errors';
import { atLeast, useRole } from '@/api/session';
import type { MarketSymbol, Order } from '@/api/types';
import { Notice } from '@/components/badge';
import { Button } from '@/components/button';
import { Choice, Field } from '@/components/field';
import { Panel } from '@/components/panel';
import { SymbolSelect } from '@/components/symbol-select';
import { notify } from '@/components/toasts';
import { quantity } from '@/lib/format';
import { HaltNotice } from './halt-notice';
import { PreviewCard } from './preview-card';
import { QuoteLine } from './quote-line';
import type { TicketDraft } from './ticket';
import { useTicket } from './use-ticket';

const TIF_HINT: Record<TicketDraft['timeInForce'], string> = {
  day: 'Expires at the end of the market day.',
  gtc: 'Stays until it fills or is cancelled.',
  ioc: 'Fills at once what it can; the rest is cancelled.',
};

function announce(order: Order): void {
  const what = `${order.side === 'buy' ? 'Buy' : 'Sell'} ${quantity(order.quantity)} ${order.symbol}`;
  if (order.status === 'denied') notify('Order denied by the risk checks', `${what}: ${order.reason}`, 'error');
  else notify('Order accepted', what);
}

interface TicketProps {
  readonly symbol: string;
  readonly symbols: readonly MarketSymbol[];
  readonly onSymbol: (symbol: string) => void;
}

export function OrderTicket({ symbol, symbols, onSymbol }: TicketProps): ReactNode {
  const role = useRole();
  const ticket = useTicket(symbol, announce);
  const { draft, errors, edit, locked } = ticket;
  const problem = ticket.submit.error ?? ticket.preview.error;
  const served = (field: string): string | undefined => (problem instanceof ApiError ? problem.forField(field) : undefined);

  if (!atLeast(role, 'trader')) {
    return (
      <Panel title="Order ticket">
        <Notice>Your role ({role}) may look at orders. Placing them needs the role trader.</Notice>
      </Panel>
    );
  }
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (ticket.shown) ticket.send();
    else ticket.askPreview();
  };
  return (
    <Panel title="Order ticket">
      <form className="stack" onSubmit={onSubmit} noValidate aria-label="Order ticket">
        <Field label="Symbol" error={errors.symbol ?? served('symbol')}>
          {(control) => <SymbolSelect id={control.id} symbols={symbols} value={symbol} onChange={onSymbol} disabled={locked} />}
        </Field>
        <HaltNotice symbol={symbol} />
        <QuoteLine symbol={symbol} />
        <Choice
          label="Side"
          value={draft.side}
          disabled={locked}
          options={[
            { value: 'buy', label: '▲ Buy' },
            { value: 'sell', label: '▼ Sell', tone: 'sell' },
          ]}
          onChange={(side) => edit({ side })}
        />
        <Choice
          label="Type"
          value={draft.orderType}
          disabled={locked}
          options={[
            { value: 'market', label: 'Market' },
            { value: 'limit', label: 'Limit' },
          ]}
          onChange={(orderType) => edit({ orderType })}
        />
        <div className="ticket__pair">
          <Field label="Quantity" error={errors.quantity ?? served('quantity')}>
            {(control) => (
              <input {...control} className="input" inputMode="decimal" autoComplete="off" value={draft.quantity} disabled={locked} onChange={(event) => edit({ quantity: event.target.value })} />
            )}
          </Field>
          <Field label="Time in force" hint={TIF_HINT[draft.timeInForce]}>
            {(control) => (
              <select {...control} className="input" value={draft.timeInForce} disabled={locked} onChange={(event) => edit({ timeInForce: event.target.value as TicketDraft['timeInForce'] })}>
                <option value="day">Day</option>
                <option value="gtc">Good till cancelled</option>
                <option value="ioc">Immediate or cancel</option>
              </select>
            )}
          </Field>
        </div>
        {draft.orderType === 'limit' && (
          <Field label="Limit price" error={errors.limitPrice ?? served('limit_price')}>
            {(control) => (
              <input {...control} className="input" inputMode="decimal" autoComplete="off" value={draft.limitPrice} disabled={locked} onChange={(event) => edit({ limitPrice: event.target.value })} />
            )}
          </Field>
        )}
        {problem && <Notice tone="danger">{messageOf(problem)}</Notice>}
        {ticket.shown && <PreviewCard preview={ticket.shown} side={draft.side} />}
        <div className="ticket__buttons">
          {ticket.shown ? (
            <>
              <Button onClick={ticket.discard} disabled={locked}>
                Change
              </Button>
              <Button type="submit" variant="primary" busy={locked} disabled={!ticket.shown.allowed}>
                {draft.side === 'buy' ? 'Buy' : 'Sell'} {draft.quantity} {symbol}
              </Button>
            </>
          ) : (
            <Button type="submit" variant="primary" shape="block" busy={ticket.preview.isPending}>
              Preview order
            </Button>
          )}
        </div>
      </form>
    </Panel>
  );
}
