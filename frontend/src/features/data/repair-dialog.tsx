import { type FormEvent, type ReactNode, useState } from 'react';
import { messageOf } from '@/api/errors';
import { useDecideRepair } from '@/api/quality';
import type { Repair } from '@/api/types';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field } from '@/components/field';
import { notify } from '@/components/toasts';
import { linesOf } from './repair-lines';

export interface Question {
  readonly repair: Repair;
  readonly verdict: 'accept' | 'reject';
}

/** What is stored beside what would be; what changes is bold and says so. */
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
        {linesOf(repair).map(({ name, stored, proposed, changed }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{stored}</td>
            <td className={changed ? 'before-after__changed' : 'muted'}>{changed ? proposed : 'unchanged'}</td>
          </tr>
        ))}
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
          notify(verdict === 'accept' ? `The ${repair.kind} was repaired` : 'The proposal was rejected', verdict === 'accept' ? 'Its source says so, and the audit log keeps what it was.' : `The ${repair.kind} stays as it is.`);
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
          {verdict === 'accept' ? `Write the proposed ${repair.kind}` : 'Reject the proposal'}
        </Button>
      </div>
    </form>
  );
}

function subject({ kind, bar_size, time }: Repair): string {
  return kind === 'bar' ? `${bar_size} bar of ${time.slice(0, 16).replace('T', ' ')} UTC` : `${kind} of ${time.slice(0, 10)}`;
}

/** Asks once more before a stored bar, split or dividend is changed, or a proposal is put away. */
export function RepairDialog({ question, onClose }: { readonly question: Question | null; readonly onClose: () => void }): ReactNode {
  const [last, setLast] = useState(question);
  if (question && question !== last) setLast(question);
  const shown = question ?? last;
  return (
    <Dialog
      open={question !== null}
      onClose={onClose}
      title={shown?.verdict === 'reject' ? 'Reject this repair?' : `Repair this ${shown?.repair.kind ?? 'bar'}?`}
      description={shown && `${shown.repair.symbol ?? 'Unnamed instrument'}, ${subject(shown.repair)}`}
    >
      {shown && <Form key={`${shown.repair.id}-${shown.verdict}`} question={shown} onDone={onClose} />}
    </Dialog>
  );
}
