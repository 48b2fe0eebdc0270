import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { isTerminal, jobsQuery } from '@/api/analysis';
import { Panel } from '@/components/panel';
import { StatusBadge } from '@/components/status-badge';
import { Empty, Progress, QueryView } from '@/components/states';
import { isoDate } from '@/lib/format-time';

const SHOWN = 4;

/** Jobs that run, then the newest finished ones. */
export function RunningJobs(): ReactNode {
  const query = useQuery(jobsQuery);
  return (
    <Panel title="Analyses" flush actions={<Link className="link-button" to="/analysis/new">New analysis</Link>}>
      <QueryView query={query} what="Analyses" lines={2}>
        {({ items }) => {
          if (items.length === 0) return <Empty title="No analysis yet">Ask which of your series drive which.</Empty>;
          const ordered = [...items].sort((a, b) => Number(isTerminal(a)) - Number(isTerminal(b)));
          return (
            <ul>
              {ordered.slice(0, SHOWN).map((job) => (
                <li key={job.id}>
                  <Link className="line line--stacked" to={`/analysis/${job.id}`}>
                    <span className="line__top">
                      <span className="line__name">{job.name || job.spec.symbols.join(', ')}</span>
                      <StatusBadge status={job.state} />
                    </span>
                    {isTerminal(job) ? (
                      <span className="muted small">{isoDate(job.finished_at)}</span>
                    ) : (
                      <Progress value={job.progress} label={`Progress of ${job.name || 'the analysis'}`} />
                    )}
                  </Link>
                </li>
              ))}
            </ul>
          );
        }}
      </QueryView>
    </Panel>
  );
}
