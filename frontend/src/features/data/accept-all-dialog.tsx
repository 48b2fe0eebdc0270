import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { messageOf } from '@/api/errors';
import { MOST_AT_ONCE, proposedQuery, useAcceptRepairs } from '@/api/quality';
import type { Repair } from '@/api/types';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { Dialog } from '@/components/dialog';
import { Field } from '@/components/field';
import { QueryView } from '@/components/states';
import { notify } from '@/components/toasts';
import { count, plural, words } from '@/lib/format';
import { dateTime, isoDate, type Zone } from '@/lib/format-time';
import { useSymbolZone } from '@/api/use-zone';
import { changesOf } from './repair-lines';

const columns = (zone: Zone): readonly Column<Repair>[] => [
  { key: 'time', header: 'Of', cell: (row) => `${row.bar_size === '1d' || row.kind !== 'bar' ? isoDate(row.time) : dateTime(row.time, zone)} · ${row.bar_size ?? row.kind}` },
  { key: 'code', header: 'Flaw', cell: (row) => words(row.code) },
  { key: 'changes', header: 'What is written', cell: (row) => <span className="changes">{changesOf(row).join('\n') || 'The bar, out of quarantine'}</span> },
];

function Form({ symbol, repairs, onDone }: { readonly symbol: string; readonly repairs: readonly Repair[]; readonly onDone: () => void }): ReactNode {
  const [remark, setRemark] = useState('');
  const zone = useSymbolZone(symbol);
  const accept = useAcceptRepairs();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const ids = repairs.map((repair) => repair.id);
    const done = ({ accepted }: { readonly accepted: number }): void => {
      notify(`${plural(accepted, 'repair')} of ${symbol} written`, 'The source of each says so, and the audit log keeps what it was.');
      onDone();
    };
    accept.mutate({ ids, remark: remark.trim() }, { onSuccess: done });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <DataTable caption="What is written" columns={columns(zone)} rows={[...repairs].sort((a, b) => a.time.localeCompare(b.time))} rowKey={(row) => row.id} tall />
      {repairs.length === MOST_AT_ONCE && <p className="small muted">These are the newest {count(MOST_AT_ONCE)}; older ones can be accepted afterwards.</p>}
      <Field label="Remark (optional)" hint="Kept in the audit log with each repair." error={accept.isError ? messageOf(accept.error) : undefined}>
        {(control) => <textarea {...control} className="input" maxLength={500} value={remark} onChange={(event) => setRemark(event.target.value)} />}
      </Field>
      <div className="row row--end">
        <Button onClick={onDone}>Decide later</Button>
        <Button type="submit" variant="primary" busy={accept.isPending} disabled={repairs.length === 0}>
          {`Write ${plural(repairs.length, 'repair')}`}
        </Button>
      </div>
    </form>
  );
}

/** Every proposed repair of a symbol, and what each would write; all are written, or none. */
export function AcceptAllDialog({ symbol, open, onClose }: { readonly symbol: string; readonly open: boolean; readonly onClose: () => void }): ReactNode {
  const query = useQuery({ ...proposedQuery(symbol), enabled: open });
  return (
    <Dialog open={open} onClose={onClose} title={`Accept every repair of ${symbol}?`} description="All of them are written, or none where one has changed since.">
      <QueryView query={query} what="The proposed repairs" lines={6}>
        {(repairs) => <Form symbol={symbol} repairs={repairs} onDone={onClose} />}
      </QueryView>
    </Dialog>
  );
}
