import type { ReactNode } from 'react';
import { useJobAction } from '@/api/analysis';
import { atLeast, useRole } from '@/api/session';
import type { Job } from '@/api/types';
import { Notice } from '@/components/badge';
import { Button } from '@/components/button';
import { Panel } from '@/components/panel';
import { Progress } from '@/components/states';
import { notifyError } from '@/components/toasts';
import { duration, percent } from '@/lib/format';

const STAGES: readonly { readonly name: Job['stage']; readonly what: string }[] = [
  { name: 'validate', what: 'Check the question' },
  { name: 'prepare', what: 'Read and align the data' },
  { name: 'shards', what: 'Infer the drivers of each series' },
  { name: 'aggregate', what: 'Correct for the number of tests' },
  { name: 'signals', what: 'Build the signal' },
  { name: 'evaluation', what: 'Evaluate it out of sample' },
  { name: 'store', what: 'Store the result' },
];

function Stages({ job }: { readonly job: Job }): ReactNode {
  const at = STAGES.findIndex((stage) => stage.name === job.stage);
  return (
    <ol className="stages">
      {STAGES.map((stage, index) => (
        <li key={stage.name} className="stages__item" data-state={index < at ? 'done' : index === at ? 'now' : 'later'} aria-current={index === at ? 'step' : undefined}>
          <span className="stages__mark" aria-hidden="true">
            {index < at ? '✓' : index + 1}
          </span>
          {stage.what}
        </li>
      ))}
    </ol>
  );
}

/** The job runs on the server: this page may be closed and opened again. */
export function JobProgress({ job }: { readonly job: Job }): ReactNode {
  const cancel = useJobAction('cancel');
  const mayCancel = atLeast(useRole(), 'analyst');
  return (
    <Panel
      title={job.state === 'queued' ? 'Waiting to start' : 'Running'}
      actions={
        mayCancel && (
          <Button busy={cancel.isPending} onClick={() => cancel.mutate(job.id, { onError: (error) => notifyError('Cancel failed', error) })}>
            Cancel
          </Button>
        )
      }
    >
      <div className="stack">
        <div className="stack stack--tight">
          <div className="row row--between">
            <span>{job.message || 'Working'}</span>
            <span className="muted">
              {percent(job.progress, 0)}
              {job.eta_s !== null && ` · about ${duration(job.eta_s)} left`}
            </span>
          </div>
          <Progress value={job.progress} label="Progress of the analysis" />
        </div>
        <Stages job={job} />
        <p className="muted small">It runs on the server. You may close this page and come back to the same address.</p>
      </div>
    </Panel>
  );
}

export function JobEnded({ job }: { readonly job: Job }): ReactNode {
  const retry = useJobAction('retry');
  const mayRetry = atLeast(useRole(), 'analyst');
  return (
    <Panel title={job.state === 'failed' ? 'The analysis failed' : 'The analysis was cancelled'}>
      <div className="stack">
        {job.error ? (
          <Notice tone="danger">
            {job.error.message}
            <br />
            <span className="small muted">
              Stage {job.error.stage}, code {job.error.code}
            </span>
          </Notice>
        ) : (
          <p className="muted">{job.message || 'Nothing was stored.'}</p>
        )}
        {mayRetry && (
          <div>
            <Button variant="primary" busy={retry.isPending} onClick={() => retry.mutate(job.id, { onError: (error) => notifyError('Retry failed', error) })}>
              Run it again
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}
