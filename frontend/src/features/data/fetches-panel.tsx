import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Command, fetchesQuery, isUnderWay, useCommandFetch } from '@/api/fetches';
import { atLeast, useRole } from '@/api/session';
import type { Fetch } from '@/api/types';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { StatusBadge } from '@/components/status-badge';
import { Empty, Failure, Loading, Progress } from '@/components/states';
import { notifyError } from '@/components/toasts';
import { count } from '@/lib/format';
import { dateTime, isoDate, type Zone } from '@/lib/format-time';
import { useZone } from '@/api/use-zone';
import { FetchForm } from './fetch-form';
import { canRetry, doing, named } from './fetch-state';
import { FetchSymbols } from './fetch-symbols';

type Order = (id: string, command: Command) => void;

interface Opened {
  readonly id: string | null;
  readonly toggle: (id: string) => void;
}

const titleOf = (fetch: Fetch): string => fetch.name || dateTime(fetch.created_at, 'UTC');

function StateCell({ fetch }: { readonly fetch: Fetch }): ReactNode {
  if (!isUnderWay(fetch)) return <StatusBadge status={fetch.state} />;
  return (
    <span className="fetch-state">
      <StatusBadge status={fetch.state} />
      <Progress value={fetch.progress} label={`Progress of ${fetch.name || 'the fetch'}`} />
      <span className="small muted wrap">{doing(fetch)}</span>
    </span>
  );
}

function SymbolsCell({ fetch, opened }: { readonly fetch: Fetch; readonly opened: Opened }): ReactNode {
  const failed = fetch.symbols_failed ? `, ${count(fetch.symbols_failed)} failed` : '';
  const names = named(fetch);
  const open = opened.id === fetch.id;
  return (
    <span className="fetch-names">
      <button type="button" className="link-button" aria-expanded={open} aria-label={`${names}: symbols of the fetch ${titleOf(fetch)}`} onClick={() => opened.toggle(fetch.id)}>
        <span aria-hidden="true">{open ? '▾' : '▸'}</span> {names}
      </button>
      <span className="small muted">{`${count(fetch.symbols_done)} / ${count(fetch.symbols_total)}${failed}`}</span>
    </span>
  );
}

function Commands({ fetch, order }: { readonly fetch: Fetch; readonly order: Order }): ReactNode {
  const of = titleOf(fetch);
  if (isUnderWay(fetch)) return <Button aria-label={`Cancel the fetch ${of}`} onClick={() => order(fetch.id, 'cancel')}>Cancel</Button>;
  if (canRetry(fetch)) return <Button aria-label={`Try again the rest of ${of}`} onClick={() => order(fetch.id, 'retry')}>Try again</Button>;
  return null;
}

function columns(zone: Zone, order: Order | null, opened: Opened): readonly Column<Fetch>[] {
  const commands: readonly Column<Fetch>[] = order ? [{ key: 'commands', header: 'Action', cell: (row) => <Commands fetch={row} order={order} /> }] : [];
  return [
    { key: 'created', header: 'Asked for', cell: (row) => dateTime(row.created_at, zone) },
    { key: 'name', header: 'Name', cell: (row) => <span className="wrap">{row.name || row.schedule || '–'}</span> },
    { key: 'what', header: 'Bars', cell: (row) => `${row.spec.bar_size} from ${isoDate(row.spec.start)}` },
    { key: 'state', header: 'State', cell: (row) => <StateCell fetch={row} /> },
    { key: 'symbols', header: 'Symbols', cell: (row) => <SymbolsCell fetch={row} opened={opened} /> },
    { key: 'new', header: 'New bars', number: true, cell: (row) => count(row.rows_inserted) },
    { key: 'quarantined', header: 'Quarantined', number: true, cell: (row) => count(row.rows_quarantined) },
    { key: 'message', header: 'Message', cell: (row) => <span className="finding">{row.message || '–'}</span> },
    ...commands,
  ];
}

/** Fetches from providers, with progress, and a form for a new one. What a cancelled one has stored stays. */
export function FetchesPanel({ symbol = '' }: { readonly symbol?: string }): ReactNode {
  const zone = useZone();
  const mayOrder = atLeast(useRole(), 'analyst');
  const query = useInfiniteQuery(fetchesQuery);
  const command = useCommandFetch();
  const [id, setId] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const opened: Opened = { id, toggle: (wanted) => setId(wanted === id ? null : wanted) };
  const started = (fetch: Fetch): void => {
    setAsking(false);
    setId(fetch.id);
  };
  const fetches = query.data?.pages.flatMap((page) => page.items);
  const order: Order = (ordered, wanted) => command.mutate({ id: ordered, command: wanted }, { onError: (error) => notifyError(wanted === 'cancel' ? 'The fetch was not cancelled' : 'The fetch was not tried again', error) });
  return (
    <Panel title="Your fetches" flush actions={mayOrder && !asking && <Button variant="primary" onClick={() => setAsking(true)}>New fetch</Button>}>
      {mayOrder && asking && <FetchForm symbol={symbol} onCancel={() => setAsking(false)} onStarted={started} />}
      {query.isPending && <Loading lines={3} label="Loading fetches" />}
      {query.isError && !fetches && <Failure what="Fetches" error={query.error} onRetry={() => void query.refetch()} />}
      {fetches?.length === 0 && <Empty title="Nothing was fetched from a provider yet">{mayOrder ? 'Ask for bars with “New fetch”, or with “causeway fetch”.' : 'An analyst can ask for bars.'}</Empty>}
      {fetches && fetches.length > 0 && (
        <DataTable
          caption="Fetches"
          columns={columns(zone, mayOrder ? order : null, opened)}
          rows={fetches}
          rowKey={(row) => row.id}
          detail={(row) => (row.id === id ? <FetchSymbols id={id} label={`Symbols of ${titleOf(row)}`} /> : null)}
          tall
        />
      )}
      {query.hasNextPage && (
        <Button variant="quiet" shape="block" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show older fetches
        </Button>
      )}
    </Panel>
  );
}
