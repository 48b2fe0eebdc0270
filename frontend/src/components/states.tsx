import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from './button';

export function Loading({ lines = 4, label = 'Loading' }: { readonly lines?: number; readonly label?: string }): ReactNode {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} className="skeleton__line" />
      ))}
    </div>
  );
}

export function Empty({ title, children, action }: { readonly title: string; readonly children?: ReactNode; readonly action?: ReactNode }): ReactNode {
  return (
    <div className="state">
      <p className="state__title">{title}</p>
      {children && <div className="state__text">{children}</div>}
      {action}
    </div>
  );
}

interface Failed {
  readonly requestId?: string;
}

export function Failure({ error, onRetry, what }: { readonly error: unknown; readonly onRetry?: () => void; readonly what: string }): ReactNode {
  const requestId = (error as Failed | null)?.requestId;
  return (
    <div className="state" role="alert">
      <p className="state__title">{what} could not be loaded</p>
      <p className="state__text">{error instanceof Error ? error.message : 'Something unexpected happened.'}</p>
      {requestId && <p className="small muted mono">request {requestId}</p>}
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

interface QueryViewProps<T> {
  readonly query: UseQueryResult<T>;
  /** What is shown, for the messages: "Positions". */
  readonly what: string;
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

/** Loading, failure with retry, or the data. Old data stays visible while a refresh fails. */
export function QueryView<T>({ query, what, lines, children }: QueryViewProps<T>): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Failure error={query.error} what={what} onRetry={() => void query.refetch()} />;
  return <Loading lines={lines} label={`Loading ${what.toLowerCase()}`} />;
}

export function Progress({ value, label }: { readonly value: number; readonly label: string }): ReactNode {
  const percent = Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div className="progress" role="progressbar" aria-label={label} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}>
      <div className="progress__bar" style={{ width: `${percent}%` }} />
    </div>
  );
}
