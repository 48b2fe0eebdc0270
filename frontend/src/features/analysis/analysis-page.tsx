import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { isTerminal, jobsQuery } from '@/api/analysis';
import type { Job, JobState } from '@/api/types';
import { type Column, DataTable } from '@/components/data-table';
import { Page } from '@/components/page';
import { Panel } from '@/components/panel';
import { StatusBadge } from '@/components/status-badge';
import { Empty, Progress, QueryView } from '@/components/states';
import { duration, words } from '@/lib/format';
import { dateTime, isoDate, lastDay, type Zone } from '@/lib/format-time';
import { useZone } from '@/api/use-zone';
import './analysis.css';

const STATES: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

function symbolsOf({ spec }: Job): string {
  const [first = '', second = '', third = '', ...rest] = spec.symbols;
  return [first, second, third].filter(Boolean).join(', ') + (rest.length ? ` and ${rest.length} more` : '');
}

function columns(zone: Zone): readonly Column<Job>[] {
  return [
    {
      key: 'name',
      header: 'Analysis',
      cell: (job) => (
        <Link className="link-button job-name" to={`/analysis/${job.id}`}>
          {job.name || symbolsOf(job)}
        </Link>
      ),
    },
    { key: 'series', header: 'Series', cell: (job) => <span title={job.spec.symbols.join(', ')}>{symbolsOf(job)}</span> },
    { key: 'method', header: 'Question', cell: (job) => `${words(job.spec.measure)} · ${words(job.spec.estimator)} · ${job.spec.bar_size}` },
    { key: 'range', header: 'Range', cell: (job) => `${isoDate(job.spec.start)} to ${lastDay(job.spec.end)}` },
    {
      key: 'state',
      header: 'State',
      cell: (job) =>
        isTerminal(job) ? (
          <StatusBadge status={job.state} />
        ) : (
          <span className="job-state">
            <StatusBadge status={job.state} />
            <Progress value={job.progress} label={`Progress of ${job.name || symbolsOf(job)}`} />
            <span className="small muted">
              {words(job.stage)}
              {job.eta_s !== null && `, ${duration(job.eta_s)} left`}
            </span>
          </span>
        ),
    },
    { key: 'created', header: 'Created', cell: (job) => dateTime(job.created_at, zone) },
  ];
}

function StateFilter({ value, onChange }: { readonly value: string; readonly onChange: (state: string) => void }): ReactNode {
  return (
    <select className="input job-filter" aria-label="Show analyses in state" value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">All states</option>
      {STATES.map((state) => (
        <option key={state} value={state}>
          {words(state)}
        </option>
      ))}
    </select>
  );
}

export default function AnalysisPage(): ReactNode {
  const query = useQuery(jobsQuery);
  const [search, setSearch] = useSearchParams();
  const state = search.get('state') ?? '';
  const zone = useZone();
  const create = (
    <Link className="button button--primary" to="/analysis/new">
      New analysis
    </Link>
  );
  const actions = (
    <>
      <Link className="button" to="/analysis/compare">
        Compare two
      </Link>
      {create}
    </>
  );
  return (
    <Page title="Analysis" lead="Which series drive which, and whether that is worth trading" actions={actions}>
      <Panel title="Analyses" flush actions={<StateFilter value={state} onChange={(next) => setSearch(next ? { state: next } : {}, { replace: true })} />}>
        <QueryView query={query} what="Analyses" lines={6}>
          {({ items }) => {
            const shown = state ? items.filter((job) => job.state === state) : items;
            if (items.length === 0) {
              return (
                <Empty title="No analysis yet" action={create}>
                  Choose some series and ask which of them drive which.
                </Empty>
              );
            }
            if (shown.length === 0) return <Empty title={`No analysis is ${state}`} />;
            return <DataTable caption="Analyses" columns={columns(zone)} rows={shown} rowKey={(job) => job.id} />;
          }}
        </QueryView>
      </Panel>
    </Page>
  );
}
