import { keepPreviousData, useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { coverageQuery } from '@/api/data';
import { searchQuery } from '@/api/quality';
import type { Coverage, MarketSymbol } from '@/api/types';
import { BAR_SIZES, type BarSize } from '@/charting/chart-choices';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { Empty, Failure, Loading } from '@/components/states';
import { count } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import { useSettled } from '@/lib/use-settled';

const TYPING_MS = 200;
/** As high as the table of many series, so that nothing below it moves. */
const LOADING_LINES = 19;

interface Row {
  readonly item: MarketSymbol;
  readonly held: Coverage | undefined;
}

function columns(onSelect: (symbol: string) => void): readonly Column<Row>[] {
  return [
    {
      key: 'symbol',
      header: 'Symbol',
      cell: ({ item }) => (
        <button type="button" className="link-button" onClick={() => onSelect(item.symbol)}>
          {item.symbol}
          <span className="visually-hidden">, look at its quality</span>
        </button>
      ),
    },
    { key: 'name', header: 'Name', cell: ({ item }) => <span className="wrap">{item.name || '–'}</span> },
    { key: 'sizes', header: 'Bar sizes', cell: ({ item }) => item.bar_sizes.join(', ') || '–' },
    { key: 'first', header: 'First day', cell: ({ held }) => isoDate(held?.start) },
    { key: 'last', header: 'Last day', cell: ({ held }) => isoDate(held?.end) },
    { key: 'bars', header: 'Bars', number: true, cell: ({ held }) => (held ? `${count(held.bars)} of ${held.bar_size}` : '–') },
    { key: 'missing', header: 'Missing', number: true, cell: ({ held }) => (held?.missing_bars ? <Badge tone="warn">{count(held.missing_bars)}</Badge> : count(held?.missing_bars)) },
    { key: 'quarantined', header: 'In quarantine', number: true, cell: ({ held }) => (held?.quarantined ? <Badge tone="danger">{count(held.quarantined)}</Badge> : count(held?.quarantined)) },
  ];
}

const NONE: readonly MarketSymbol[] = [];

/** The coarsest size that is stored: days, or what there is in place of days. */
const coarsest = ({ bar_sizes: stored }: MarketSymbol): BarSize => BAR_SIZES.findLast((size) => stored.includes(size)) ?? '1d';

/** What is stored of each symbol at its coarsest size; one question for each size. */
function useHeld(items: readonly MarketSymbol[]): ReadonlyMap<string, Coverage> {
  const sizes = [...new Set(items.map(coarsest))];
  const namesAt = (size: BarSize): readonly string[] => items.filter((item) => coarsest(item) === size).map((item) => item.symbol);
  return useQueries({
    queries: sizes.map((size) => coverageQuery(namesAt(size), size)),
    combine: (answers) => new Map(answers.flatMap((answer) => answer.data ?? []).map((one) => [one.symbol, one])),
  });
}

/** Every symbol with what is stored of it; the search asks the server, which ranks what it finds. */
export function SymbolsPanel({ selected, onSelect }: { readonly selected: string; readonly onSelect: (symbol: string) => void }): ReactNode {
  const [text, setText] = useState('');
  const wanted = useSettled(text.trim(), TYPING_MS);
  const query = useInfiniteQuery({ ...searchQuery(wanted), placeholderData: keepPreviousData });
  const items = query.data?.pages.flatMap((page) => page.items);
  const held = useHeld(items ?? NONE);
  const rows = items?.map((item) => ({ item, held: held.get(item.symbol) }));
  return (
    <Panel
      title="Stored series"
      flush
      actions={<input className="input data-search" type="search" aria-label="Search symbols and names" placeholder="Symbol or name" maxLength={64} value={text} onChange={(event) => setText(event.target.value)} />}
    >
      {query.isPending && <Loading lines={LOADING_LINES} label="Loading symbols" />}
      {query.isError && !items && <Failure what="Symbols" error={query.error} onRetry={() => void query.refetch()} />}
      {rows?.length === 0 && (wanted ? <Empty title={`No symbol or name holds “${wanted}”`} /> : <Empty title="No symbols are stored yet">Fetch some below, or load a file with “causeway ingest”.</Empty>)}
      {rows && rows.length > 0 && <DataTable caption="Stored series" columns={columns(onSelect)} rows={rows} rowKey={({ item }) => item.symbol} current={selected} tall />}
      {query.hasNextPage && (
        <Button variant="quiet" shape="block" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more symbols
        </Button>
      )}
    </Panel>
  );
}
