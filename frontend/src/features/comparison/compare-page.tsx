import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { jobsQuery } from '@/api/analysis';
import { comparisonQuery } from '@/api/comparison';
import type { Job } from '@/api/types';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { Page } from '@/components/page';
import { Panel } from '@/components/panel';
import { Empty, QueryView } from '@/components/states';
import { words } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import './comparison.css';
import { ComparisonView } from './comparison-view';

type SideName = 'a' | 'b';

function titleOf({ name, spec }: Job): string {
  const [first = '', second = '', ...rest] = spec.symbols;
  return name || `${first}, ${second}${rest.length ? ` and ${rest.length} more` : ''}`;
}

function describe(job: Job): string {
  const { spec } = job;
  return `${titleOf(job)} · ${words(spec.measure)}, ${spec.estimator}, ${spec.bar_size} · ${isoDate(job.created_at)}`;
}

interface ChoiceProps {
  readonly side: SideName;
  readonly jobs: readonly Job[];
  readonly value: string;
  readonly other: string;
  readonly onChange: (id: string) => void;
}

/** One of the finished analyses; one that the list does not reach stays chosen by its id. */
function JobChoice({ side, jobs, value, other, onChange }: ChoiceProps): ReactNode {
  const unlisted = value !== '' && !jobs.some((job) => job.id === value);
  return (
    <Field label={`Analysis ${side.toUpperCase()}`} hint={value && <Link to={`/analysis/${value}`}>Open analysis {side.toUpperCase()}</Link>}>
      {(control) => (
        <select {...control} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">Choose an analysis</option>
          {unlisted && <option value={value}>Analysis {value.slice(0, 8)}</option>}
          {jobs.map((job) => (
            <option key={job.id} value={job.id} disabled={job.id === other}>
              {describe(job)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Compared({ a, b }: { readonly a: string; readonly b: string }): ReactNode {
  const query = useQuery(comparisonQuery(a, b));
  return (
    <QueryView query={query} what="The comparison" lines={12}>
      {(comparison) => <ComparisonView comparison={comparison} />}
    </QueryView>
  );
}

function Unchosen({ twice }: { readonly twice: boolean }): ReactNode {
  return <Empty title={twice ? 'This is the same analysis twice' : 'Choose two analyses'}>Their links, questions and evaluations will stand side by side here.</Empty>;
}

export default function ComparePage(): ReactNode {
  const query = useQuery(jobsQuery);
  const [search, setSearch] = useSearchParams();
  const chosen = { a: search.get('a') ?? '', b: search.get('b') ?? '' };
  const finished = query.data?.items.filter((job) => job.state === 'succeeded') ?? [];
  const both = chosen.a !== '' && chosen.b !== '' && chosen.a !== chosen.b;
  const choose = (next: Partial<Record<SideName, string>>): void =>
    setSearch(
      (old) => {
        for (const [side, id] of Object.entries(next)) {
          if (id) old.set(side, id);
          else old.delete(side);
        }
        return old;
      },
      { replace: true, preventScrollReset: true },
    );
  const swap = (
    <Button onClick={() => choose({ a: chosen.b, b: chosen.a })} disabled={!chosen.a && !chosen.b}>
      Swap A and B
    </Button>
  );
  return (
    <Page title="Compare analyses" lead="Which links both found, what changed in them, and what was asked differently">
      <QueryView query={query} what="Analyses" lines={4}>
        {() =>
          finished.length < 2 && !both ? (
            <TooFew />
          ) : (
            <Panel title="Which two" actions={swap}>
              <div className="compare-choice">
                <JobChoice side="a" jobs={finished} value={chosen.a} other={chosen.b} onChange={(a) => choose({ a })} />
                <JobChoice side="b" jobs={finished} value={chosen.b} other={chosen.a} onChange={(b) => choose({ b })} />
              </div>
            </Panel>
          )
        }
      </QueryView>
      {both ? <Compared key={`${chosen.a} ${chosen.b}`} {...chosen} /> : finished.length > 1 && <Unchosen twice={chosen.a !== '' && chosen.a === chosen.b} />}
    </Page>
  );
}

function TooFew(): ReactNode {
  const create = (
    <Link className="button button--primary" to="/analysis/new">
      New analysis
    </Link>
  );
  return (
    <Empty title="Two finished analyses are needed" action={create}>
      Ask a question twice, with one setting changed, and see what it does to the links.
    </Empty>
  );
}
