import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import { keys } from './keys';
import type { Alert, AlertPage } from './types';

// The stream says at once that there is a new one; this is for when it is away.
const LOOK_MS = 60_000;

export type AlertFilter = Readonly<{ severity: Alert['severity'] | null; unseen: boolean }>;

/** How many alerts the user has not acknowledged. */
export const unseenQuery = queryOptions({
  queryKey: keys.unseenAlerts,
  refetchInterval: LOOK_MS,
  queryFn: async ({ signal }): Promise<number> => (await unwrap(client.GET('/v1/alerts', { params: { query: { unseen: true, limit: 1 } }, signal }))).unseen,
});

/** The user's alerts, newest first. */
export function alertsQuery({ severity, unseen }: AlertFilter) {
  return infiniteQueryOptions({
    queryKey: keys.alertList(severity, unseen),
    initialPageParam: '',
    getNextPageParam: (last: AlertPage) => last.next_cursor ?? undefined,
    queryFn: ({ pageParam, signal }): Promise<AlertPage> => {
      const query = { limit: 50, unseen, ...(severity ? { severity } : {}), ...(pageParam ? { cursor: pageParam } : {}) };
      return unwrap(client.GET('/v1/alerts', { params: { query }, signal }));
    },
  });
}

/** One alert, or every alert up to one. */
export function useAcknowledge() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, upTo }: { readonly id: number; readonly upTo: boolean }): Promise<void> => {
      if (upTo) await unwrap(client.POST('/v1/alerts/acknowledge', { body: { id } }));
      else await unwrap(client.POST('/v1/alerts/{alert_id}/acknowledge', { params: { path: { alert_id: id } } }));
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.alerts }),
  });
}
