import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useParams } from 'react-router';
import { isTerminal, jobQuery, resultQuery } from '@/api/analysis';
import type { Job } from '@/api/types';
import { Button } from '@/components/button';
import { Page } from '@/components/page';
import { StatusBadge } from '@/components/status-badge';
import { QueryView } from '@/components/states';
import { notify } from '@/components/toasts';
import { words } from '@/lib/format';
import { isoDate, lastDay } from '@/lib/format-time';
import './analysis.css';
import { JobEnded, JobProgress } from './job-progress';
import { ResultView } from './result-view';

function title(job: Job): string {
  return job.name || `${job.spec.symbols.slice(0, 4).join(', ')}${job.spec.symbols.length > 4 ? ' …' : ''}`;
}

async function copyAddress(): Promise<void> {
  try {
    await navigator.clipboard.writeText(window.location.href);
    notify('Address copied', 'It opens this analysis as it is shown now.');
  } catch {
    notify('The address could not be copied', 'Copy it from the address bar.', 'error');
  }
}

function Finished({ job }: { readonly job: Job }): ReactNode {
  const result = useQuery(resultQuery(job.id, true));
  return (
    <QueryView query={result} what="The result" lines={12}>
      {(data) => <ResultView result={data} />}
    </QueryView>
  );
}

function Loaded({ job }: { readonly job: Job }): ReactNode {
  const { spec } = job;
  const lead = `${words(spec.measure)} of ${spec.symbols.length} series, ${spec.bar_size} bars, ${isoDate(spec.start)} to ${lastDay(spec.end)}, training until ${lastDay(spec.train_end)}`;
  return (
    <Page
      title={title(job)}
      heading={
        <span className="row">
          {title(job)} <StatusBadge status={job.state} />
        </span>
      }
      lead={lead}
      actions={
        <>
          <Button onClick={() => void copyAddress()}>Copy address</Button>
          {job.state === 'succeeded' && (
            <Link className="button" to={`/analysis/compare?a=${job.id}`}>
              Compare with…
            </Link>
          )}
          <Link className="button" to={`/analysis/new?from=${job.id}`}>
            Copy as new
          </Link>
        </>
      }
    >
      {!isTerminal(job) && <JobProgress job={job} />}
      {(job.state === 'failed' || job.state === 'cancelled') && <JobEnded job={job} />}
      {job.state === 'succeeded' && <Finished job={job} />}
    </Page>
  );
}

export default function JobPage(): ReactNode {
  const { jobId = '' } = useParams();
  const query = useQuery(jobQuery(jobId));
  return (
    <QueryView query={query} what="The analysis" lines={10}>
      {(job) => <Loaded key={job.id} job={job} />}
    </QueryView>
  );
}
