import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { alertsQuery, useAcknowledge } from '@/api/alerts';
import { Button } from '@/components/button';
import { Page } from '@/components/page';
import { Panel } from '@/components/panel';
import { Empty, Failure, Loading } from '@/components/states';
import { notifyError } from '@/components/toasts';
import { AlertFilters, useAlertFilter } from './alert-filters';
import './alerts.css';
import { AlertTable } from './alert-table';

const failed = (error: unknown): void => notifyError('The alert was not acknowledged', error);

/** Everything that the platform told the user: feeds that are down, fetches that failed, rows that were kept out. */
export default function AlertsPage(): ReactNode {
  const [filter, change] = useAlertFilter();
  const query = useInfiniteQuery(alertsQuery(filter));
  const acknowledge = useAcknowledge();
  const rows = query.data?.pages.flatMap((page) => page.items);
  const newest = rows?.[0]?.id;
  const unseen = query.data?.pages.at(-1)?.unseen ?? 0;
  const narrowed = filter.unseen || filter.severity !== null;
  const everything = newest !== undefined && !filter.severity && (
    <Button disabled={unseen === 0} busy={acknowledge.isPending} onClick={() => acknowledge.mutate({ id: newest, upTo: true }, { onError: failed })}>
      Mark all as seen
    </Button>
  );
  return (
    <Page title="Alerts" lead="What you should know of feeds, fetches, stored data and orders." actions={everything}>
      <Panel title="Your alerts" flush actions={<AlertFilters filter={filter} onChange={change} />}>
        {query.isPending && <Loading lines={4} label="Loading alerts" />}
        {query.isError && !rows && <Failure what="Alerts" error={query.error} onRetry={() => void query.refetch()} />}
        {rows?.length === 0 && <Empty title={narrowed ? 'No such alert' : 'No alert yet'}>{narrowed ? 'Show all to see the others.' : 'You are told here when a feed is lost, a fetch fails or data looks wrong.'}</Empty>}
        {rows && rows.length > 0 && <AlertTable rows={rows} onSeen={(id) => acknowledge.mutate({ id, upTo: false }, { onError: failed })} />}
        {query.hasNextPage && (
          <Button variant="quiet" shape="block" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show older alerts
          </Button>
        )}
      </Panel>
    </Page>
  );
}
