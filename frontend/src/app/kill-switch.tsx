import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { messageOf } from '@/api/errors';
import { useTradingState } from '@/api/orders';
import { accountsQuery } from '@/api/portfolio';
import { atLeast, useRole } from '@/api/session';
import type { Account } from '@/api/types';
import { Button } from '@/components/button';
import { Dialog, preloadDialogs } from '@/components/dialog';
import { Field } from '@/components/field';
import { notify } from '@/components/toasts';
import { plural } from '@/lib/format';

interface FormProps {
  /** Null while they could not be read. */
  readonly accounts: readonly Account[] | null;
  readonly halted: boolean;
  readonly onDone: () => void;
}

function useChangeAll(halted: boolean, onDone: () => void) {
  const change = useTradingState();
  const run = async (accounts: readonly Account[] | null, reason: string): Promise<void> => {
    let cancels = 0;
    for (const account_id of accounts?.map((account) => account.id) ?? [null]) {
      const state = halted ? 'active' : 'halted';
      cancels += (await change.mutateAsync({ state, reason, account_id })).cancels_requested;
    }
    notify(
      halted ? 'Trading is active again' : 'Trading is halted',
      halted ? 'New orders pass the risk checks as usual.' : `${plural(cancels, 'cancel')} requested. New orders are refused.`,
    );
    onDone();
  };
  return { change, run };
}

function SwitchForm({ accounts, halted, onDone }: FormProps): ReactNode {
  const [reason, setReason] = useState('');
  const [sure, setSure] = useState(false);
  const { change, run } = useChangeAll(halted, onDone);
  const ready = reason.trim().length > 0 && (!halted || sure);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) run(accounts, reason.trim()).catch(() => undefined);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field label="Reason" hint="Kept in the audit log." error={change.isError ? messageOf(change.error) : undefined}>
        {(control) => (
          <textarea {...control} className="input" required maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        )}
      </Field>
      {halted && (
        <label className="check">
          <input type="checkbox" checked={sure} onChange={(event) => setSure(event.target.checked)} />
          The cause is understood, and positions and open orders were looked at.
        </label>
      )}
      <div className="row row--end">
        <Button onClick={onDone}>Keep as it is</Button>
        <Button type="submit" variant={halted ? 'primary' : 'danger'} disabled={!ready} busy={change.isPending}>
          {halted ? 'Allow trading again' : 'Halt trading now'}
        </Button>
      </div>
    </form>
  );
}

function explained(halted: boolean, affected: readonly Account[] | null): string {
  const since = affected?.find((account) => account.state_reason)?.state_reason;
  if (halted) return `Trading was halted${since ? `: “${since}”.` : '.'}`;
  const what = 'Open orders are cancelled and new ones are refused until trading is allowed again. Positions stay as they are.';
  return affected ? what : `${what} Your accounts could not be read: this halts the only one that you have.`;
}

/**
 * Halts trading: cancels open orders and refuses new ones. Positions stay; flattening them is a separate act. It is there
 * also while the accounts cannot be read.
 */
export function KillSwitch(): ReactNode {
  const role = useRole();
  const accounts = useQuery({ ...accountsQuery, enabled: atLeast(role, 'trader') }).data ?? null;
  const [open, setOpen] = useState(false);
  useEffect(preloadDialogs, []);
  if (!atLeast(role, 'trader') || accounts?.length === 0) return null;
  const stopped = accounts?.filter((account) => account.state !== 'active') ?? [];
  const halted = stopped.length > 0;
  const affected = halted ? stopped : accounts;
  return (
    <>
      <Button variant={halted ? 'primary' : 'danger'} className="kill" onClick={() => setOpen(true)}>
        {halted ? 'Halted' : 'Halt'}
        <span className="visually-hidden">{halted ? ', allow trading again' : ' trading'}</span>
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={halted ? 'Allow trading again?' : 'Halt trading?'}
        description={explained(halted, affected)}
      >
        <SwitchForm accounts={affected} halted={halted} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}
