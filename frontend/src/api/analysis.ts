import { keepPreviousData, queryOptions, skipToken, useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import { keys } from './keys';
import type { Details, Estimate, Job, LocalInformation, Page, Result, SubmitRequest, Windows } from './types';

export function isTerminal(job: Job): boolean {
  return job.state === 'succeeded' || job.state === 'failed' || job.state === 'cancelled';
}

/** The socket keeps running jobs fresh; polling is the net under it. */
export const jobsQuery = queryOptions({
  queryKey: keys.jobs,
  queryFn: ({ signal }): Promise<Page<Job>> =>
    unwrap(client.GET('/v1/analysis/jobs', { params: { query: { limit: 100 } }, signal })),
  refetchInterval: (query) => (query.state.data?.items.every(isTerminal) ? false : 10_000),
});

export function jobQuery(id: string) {
  return queryOptions({
    queryKey: keys.job(id),
    queryFn: ({ signal }): Promise<Job> =>
      unwrap(client.GET('/v1/analysis/jobs/{job_id}', { params: { path: { job_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data && isTerminal(query.state.data) ? false : 5_000),
  });
}

/** Results never change. */
export function resultQuery(id: string, enabled: boolean) {
  return queryOptions({
    queryKey: keys.result(id),
    enabled,
    staleTime: Infinity,
    queryFn: ({ signal }): Promise<Result> =>
      unwrap(client.GET('/v1/analysis/jobs/{job_id}/result', { params: { path: { job_id: id } }, signal })),
  });
}

/** What is known of a result beyond its links; like the result it never changes. */
export function detailsQuery(id: string) {
  return queryOptions({
    queryKey: keys.details(id),
    staleTime: Infinity,
    queryFn: ({ signal }): Promise<Details> => unwrap(client.GET('/v1/analysis/jobs/{job_id}/details', { params: { path: { job_id: id } }, signal })),
  });
}

export function localQuery(id: string, source: string, target: string) {
  return queryOptions({
    queryKey: keys.local(id, source, target),
    staleTime: Infinity,
    queryFn: ({ signal }): Promise<LocalInformation> =>
      unwrap(client.GET('/v1/analysis/jobs/{job_id}/local', { params: { path: { job_id: id }, query: { source, target } }, signal })),
  });
}

export function windowsQuery(id: string) {
  return queryOptions({
    queryKey: keys.windows(id),
    staleTime: Infinity,
    queryFn: ({ signal }): Promise<Windows> => unwrap(client.GET('/v1/analysis/jobs/{job_id}/windows', { params: { path: { job_id: id } }, signal })),
  });
}

/** What a question would cost and could show; the last one stays while the next is on its way. */
export function estimateQuery(spec: SubmitRequest['spec'] | null) {
  return queryOptions({
    queryKey: keys.estimate(spec),
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: spec ? ({ signal }): Promise<Estimate> => unwrap(client.POST('/v1/analysis/estimate', { body: { spec }, signal })) : skipToken,
  });
}

export function useSubmitJob() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: SubmitRequest): Promise<Job> => unwrap(client.POST('/v1/analysis/jobs', { body })),
    onSuccess: (job) => {
      cache.setQueryData(keys.job(job.id), job);
      return cache.invalidateQueries({ queryKey: keys.jobs });
    },
  });
}

export function useJobAction(action: 'cancel' | 'retry') {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string): Promise<Job> => {
      const params = { params: { path: { job_id: id } } };
      return action === 'cancel'
        ? unwrap(client.POST('/v1/analysis/jobs/{job_id}/cancel', params))
        : unwrap(client.POST('/v1/analysis/jobs/{job_id}/retry', params));
    },
    onSuccess: (job) => {
      cache.setQueryData(keys.job(job.id), job);
      return cache.invalidateQueries({ queryKey: keys.jobs });
    },
  });
}
