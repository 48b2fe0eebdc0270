import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { messageOf } from '@/api/errors';
import { repairsQuery, useProposeRepairs } from '@/api/quality';
import { atLeast, useRole } from '@/api/session';
import type { Repair } from '@/api/types';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { Empty, Failure, Loading } from '@/components/states';
import { notify } from '@/components/toasts';
import { count, plural, words } from '@/lib/format';
import { dateTime, isoDate, type Zone } from '@/lib/format-time';
import { useSymbolZone } from '@/api/use-zone';
import { AcceptAllDialog } from './accept-all-dialog';
import { type Question, RepairDialog } from './repair-dialog';
import { told } from './repair-lines';
import type { DataView } from './use-data-view';
import { useLookAtYahoo, YahooLook } from './yahoo-repairs';

function columns(zone: Zone, ask: ((question: Question) => void) | null): readonly Column<Repair>[] {
  const when = (row: Repair): string => (row.bar_size === '1d' || row.kind !== 'bar' ? isoDate(row.time) : dateTime(row.time, zone));
  const which = (row: Repair): string => (row.kind === 'bar' ? when(row) : `${row.kind} of ${when(row)}`);
  const buttons: readonly Column<Repair>[] = ask
    ? [
        {
          key: 'decide',
          header: 'Decide',
          cell: (row) => (
            <span className="row data-decide">
              <Button aria-label={`Accept the repair of ${which(row)}`} onClick={() => ask({ repair: row, verdict: 'accept' })}>
                Accept
              </Button>
              <Button variant="quiet" aria-label={`Reject the repair of ${which(row)}`} onClick={() => ask({ repair: row, verdict: 'reject' })}>
                Reject
              </Button>
            </span>
          ),
        },
      ]
    : [];
  return [
    { key: 'time', header: 'Of', cell: (row) => `${when(row)} · ${row.bar_size ?? row.kind}` },
    { key: 'code', header: 'Flaw', cell: (row) => words(row.code) },
    { key: 'found', header: 'Close or value', number: true, cell: (row) => `${told(row.found)}${row.in_quarantine ? ' (in quarantine)' : ''}` },
    { key: 'proposed', header: 'Proposed', number: true, cell: (row) => told(row.proposed) },
    { key: 'reason', header: 'Reason', cell: (row) => <span className="wrap">{row.reason}</span> },
    ...buttons,
  ];
}

type Whose = 'checks' | 'yahoo';

/** Proposed repairs of one symbol. Nothing is changed before one is accepted and confirmed. */
export function RepairsPanel({ view }: { readonly view: DataView }): ReactNode {
  const { symbol, barSize } = view;
  const zone = useSymbolZone(symbol);
  const mayDecide = atLeast(useRole(), 'analyst');
  const [question, setQuestion] = useState<Question | null>(null);
  const [acceptingAll, setAcceptingAll] = useState(false);
  const query = useInfiniteQuery({ ...repairsQuery(symbol, 'proposed'), enabled: symbol !== '' });
  const propose = useProposeRepairs();
  const [whose, setWhose] = useState<Whose>('checks');
  const [asked, setAsked] = useState<{ readonly id: string; readonly symbol: string } | null>(null);
  const yahoo = useLookAtYahoo((fetch) => setAsked({ id: fetch.id, symbol }));
  const repairs = query.data?.pages.flatMap((page) => page.items);
  const checkStored = (): void =>
    propose.mutate(
      { symbol, barSize },
      {
        onSuccess: ({ proposed }) => notify(proposed ? `${plural(proposed, 'new repair')} proposed` : 'No new repair', proposed ? 'Look at each before you accept it.' : 'No flaw says what the value should be, or its repair is proposed already.'),
        onError: (error) => notify('No repair was proposed', messageOf(error)),
      },
    );
  return (
    <Panel
      title="Proposed repairs"
      flush
      actions={
        mayDecide && (
          <span className="row">
            {repairs && repairs.length > 1 && <Button onClick={() => setAcceptingAll(true)}>{query.hasNextPage ? 'Accept all' : `Accept all ${count(repairs.length)}`}</Button>}
            <select className="input data-choice" aria-label="Whose repairs" value={whose} onChange={(event) => setWhose(event.target.value as Whose)}>
              <option value="checks">our checks</option>
              <option value="yahoo">Yahoo’s repair</option>
            </select>
            <Button disabled={!symbol || view.sizes.length === 0} busy={propose.isPending || yahoo.busy} onClick={() => (whose === 'checks' ? checkStored() : void yahoo.look({ symbol, barSize }))}>
              Look for repairs
            </Button>
          </span>
        )
      }
    >
      {symbol === '' && <Empty title="Choose a series" />}
      {asked?.symbol === symbol && <YahooLook key={asked.id} id={asked.id} />}
      {symbol !== '' && query.isPending && <Loading lines={2} label="Loading repairs" />}
      {query.isError && !repairs && <Failure what="Repairs" error={query.error} onRetry={() => void query.refetch()} />}
      {repairs?.length === 0 && <Empty title="No repair is proposed">A flaw that says what the value should be, such as pence for pounds in a bar or a dividend, can be repaired. Nothing is changed before you accept it.</Empty>}
      {repairs && repairs.length > 0 && <DataTable caption="Proposed repairs" columns={columns(zone, mayDecide ? setQuestion : null)} rows={repairs} rowKey={(row) => row.id} tall />}
      {query.hasNextPage && (
        <Button variant="quiet" shape="block" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show older proposals
        </Button>
      )}
      <AcceptAllDialog symbol={symbol} open={acceptingAll} onClose={() => setAcceptingAll(false)} />
      <RepairDialog question={question} onClose={() => setQuestion(null)} />
    </Panel>
  );
}
