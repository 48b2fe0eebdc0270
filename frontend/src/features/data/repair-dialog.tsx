import { type FormEvent, type ReactNode, useState } from 'react';
import { messageOf } from '@/api/errors';
import { useDecideRepair } from '@/api/quality';
import type { Repair } from '@/api/types';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field } from '@/components/field';
import { notify } from '@/components/toasts';
import { count, price } from '@/lib/format';

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

export interface Question {
  readonly repair: Repair;
  readonly verdict: 'accept' | 'reject';
}

/** The bar as it is beside the bar as it would be; what changes is bold and says so. */
function BeforeAfter({ repair }: { readonly repair: Repair }): ReactNode {
  return (
    <table className="before-after">
      <caption className="visually-hidden">Stored and proposed values</caption>
      <thead>
        <tr>
          <th scope="col">Value</th>
          <th scope="col">Stored</th>
          <th scope="col">Proposed</th>
        </tr>
      </thead>
      <tbody>
        {FIELDS.map((field) => {
          const show = field === 'volume' ? count : price;
          const found = repair.found?.[field];
          const changed = found !== repair.proposed[field];
          return (
            <tr key={field}>
              <th scope="row">{field}</th>
              <td>{found === undefined ? '–' : show(found)}</td>
              <td className={changed ? 'before-after__changed' : 'muted'}>{changed ? show(repair.proposed[field]) : 'unchanged'}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Form({ question, onDone }: { readonly question: Question; readonly onDone: () => void }): ReactNode {
  const { repair, verdict } = question;
  const [remark, setRemark] = useState('');
  const decide = useDecideRepair();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    decide.mutate(
      { id: repair.id, verdict, remark: remark.trim() },
      {
        onSuccess: () => {
          notify(verdict === 'accept' ? 'The bar was repaired' : 'The proposal was rejected', verdict === 'accept' ? 'Its source says so, and the audit log keeps what it was.' : 'The bar stays as it is.');
          onDone();
        },
      },
    );
  };
  return (
    <form className="stack" onSubmit={submit}>
      <BeforeAfter repair={repair} />
      <p className="small muted">{repair.reason}</p>
      <Field label="Remark (optional)" hint="Kept in the audit log." error={decide.isError ? messageOf(decide.error) : undefined}>
        {(control) => <textarea {...control} className="input" maxLength={500} value={remark} onChange={(event) => setRemark(event.target.value)} />}
      </Field>
      <div className="row row--end">
        <Button onClick={onDone}>Decide later</Button>
        <Button type="submit" variant="primary" busy={decide.isPending}>
          {verdict === 'accept' ? 'Write the proposed bar' : 'Reject the proposal'}
        </Button>
      </div>
    </form>
  );
}

/** Asks once more before a stored bar is changed, or a proposal is put away. */
export function RepairDialog({ question, onClose }: { readonly question: Question | null; readonly onClose: () => void }): ReactNode {
  const [last, setLast] = useState(question);
  if (question && question !== last) setLast(question);
  const shown = question ?? last;
  return (
    <Dialog
      open={question !== null}
      onClose={onClose}
      title={shown?.verdict === 'reject' ? 'Reject this repair?' : 'Repair this bar?'}
      description={shown && `${shown.repair.symbol ?? 'Unnamed instrument'}, ${shown.repair.bar_size} bar of ${shown.repair.time.slice(0, 16).replace('T', ' ')} UTC`}
    >
      {shown && <Form key={`${shown.repair.id}-${shown.verdict}`} question={shown} onDone={onClose} />}
    </Dialog>
  );
}
