import { type FormEvent, type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { messageOf } from '@/api/errors';
import { useSignalOrders } from '@/api/orders';
import { atLeast, useRole } from '@/api/session';
import type { Result, SignalOrders } from '@/api/types';
import { Notice } from '@/components/badge';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { Panel } from '@/components/panel';
import { notify } from '@/components/toasts';
import * as decimal from '@/lib/decimal';
import { plural } from '@/lib/format';
import { randomId } from '@/lib/ids';
import { PlannedOrders } from './planned-orders';

const PREFIX_LENGTH = 28;

function blocker(result: Result, mayTrade: boolean): string | null {
  if (!result.evaluation.tradable) {
    return result.links.some((link) => link.significant)
      ? 'This signal cannot be traded: its evaluation found nothing to act on.'
      : 'This signal cannot be traded: there is no significant link, so there is no signal.';
  }
  if (result.signal.length === 0) return 'This signal cannot be traded: it holds no weights.';
  return mayTrade ? null : 'Trading needs the role trader.';
}

function capitalError(text: string): string | undefined {
  if (!decimal.isDecimal(text)) return 'Expected an amount such as 10000.';
  return decimal.sign(text) > 0 ? undefined : 'Must be more than zero.';
}

/** One prefix per plan: sending the same plan twice places its orders once. */
function useSignalPlan(jobId: string) {
  const [plan, setPlan] = useState<{ readonly capital: string; readonly prefix: string } | null>(null);
  const [orders, setOrders] = useState<SignalOrders | null>(null);
  const preview = useSignalOrders();
  const submit = useSignalOrders();
  const navigate = useNavigate();
  const discard = (): void => {
    setPlan(null);
    setOrders(null);
    preview.reset();
    submit.reset();
  };
  const ask = (capital: string): void => {
    const next = { capital, prefix: randomId('sig').slice(0, PREFIX_LENGTH) };
    setPlan(next);
    preview.mutate({ jobId, ...next, preview: true }, { onSuccess: setOrders });
  };
  const send = (): void => {
    if (!plan) return;
    submit.mutate(
      { jobId, ...plan, preview: false },
      {
        onSuccess: ({ orders: placed }) => {
          const denied = placed.filter((order) => order.status === 'denied').length;
          notify(`${plural(placed.length - denied, 'order')} placed`, denied ? `${plural(denied, 'order')} denied by the risk checks` : undefined);
          void navigate('/trading?status=all');
        },
      },
    );
  };
  return { orders, ask, send, discard, previewing: preview.isPending, sending: submit.isPending, error: submit.error ?? preview.error };
}

function PlanForm({ result }: { readonly result: Result }): ReactNode {
  const [capital, setCapital] = useState('10000');
  const [tried, setTried] = useState(false);
  const plan = useSignalPlan(result.job_id);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (capitalError(capital)) return;
    if (plan.orders) plan.send();
    else plan.ask(capital.trim());
  };
  const nothing = plan.orders?.planned.length === 0;
  return (
    <form className="stack" onSubmit={onSubmit} noValidate aria-label="Trade this signal">
      {result.evaluation.verdict === 'not_distinguishable' && (
        <Notice tone="warn">The evaluation could not tell this signal from luck. It may be traded on paper to watch it, not because it is known to earn.</Notice>
      )}
      <div className="trade">
        <Field label="Capital" hint="The account is moved towards the signal’s weights times this amount." error={tried ? capitalError(capital) : undefined}>
          {(control) => (
            <input
              {...control}
              className="input"
              inputMode="decimal"
              autoComplete="off"
              value={capital}
              disabled={plan.sending}
              onChange={(event) => {
                setCapital(event.target.value);
                plan.discard();
              }}
            />
          )}
        </Field>
        {!plan.orders && (
          <Button type="submit" variant="primary" busy={plan.previewing}>
            Preview the orders
          </Button>
        )}
      </div>
      {plan.error && <Notice tone="danger">{messageOf(plan.error)}</Notice>}
      {plan.orders && <PlannedOrders plan={plan.orders} />}
      {plan.orders && (
        <div className="row">
          <Button onClick={plan.discard} disabled={plan.sending}>
            Change
          </Button>
          <Button type="submit" variant="primary" busy={plan.sending} disabled={nothing}>
            {nothing ? 'Nothing to order' : `Place ${plural(plan.orders.planned.length, 'order')}`}
          </Button>
        </div>
      )}
    </form>
  );
}

/** From a result to orders: amount, plan, orders. Refused with the reason when there is nothing to trade. */
export function TradeSignal({ result }: { readonly result: Result }): ReactNode {
  const mayTrade = atLeast(useRole(), 'trader');
  const reason = blocker(result, mayTrade);
  return (
    <Panel title="Trade this signal">
      {reason ? (
        <div className="row">
          <Button variant="primary" disabled aria-describedby="trade-blocked">
            Preview the orders
          </Button>
          <p id="trade-blocked">{reason}</p>
        </div>
      ) : (
        <PlanForm result={result} />
      )}
    </Panel>
  );
}
