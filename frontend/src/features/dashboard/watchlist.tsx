import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { symbolsQuery } from '@/api/data';
import { useWatchlist } from '@/api/use-watchlist';
import { Button } from '@/components/button';
import { Panel } from '@/components/panel';
import { Empty, QueryView } from '@/components/states';
import { count } from '@/lib/format';
import { useWatch } from '@/stream/stream-provider';
import { WatchEditor } from './watch-editor';
import { WatchRow } from './watch-row';
import { WatchSearch } from './watch-search';

/** Of a list that nobody has chosen yet. */
const AT_FIRST = 12;

interface WatchlistProps {
  readonly selected: string;
  readonly onSelect: (symbol: string) => void;
}

/** Live prices of the symbols that the user chose; the arrow tells the direction of the last change. */
export function Watchlist({ selected, onSelect }: WatchlistProps): ReactNode {
  const query = useQuery(symbolsQuery);
  const stored = query.data ?? [];
  const list = useWatchlist(stored.slice(0, AT_FIRST).map((item) => item.symbol));
  const [editing, setEditing] = useState(false);
  useWatch(list.names);
  const items = new Map(stored.map((item) => [item.symbol, item]));
  const held = list.names.flatMap((name) => items.get(name) ?? []);
  return (
    <Panel title="Watchlist" flush actions={<Button aria-pressed={editing} onClick={() => setEditing(!editing)}>{editing ? 'Done' : 'Edit'}</Button>}>
      <QueryView query={query} what="The watchlist" lines={AT_FIRST}>
        {() => (
          <>
            <WatchSearch list={list} />
            {list.names.length === 0 && <Empty title={stored.length ? 'Nothing is watched' : 'No symbols are stored yet'}>{stored.length ? 'Find a symbol above and add it.' : 'Fetch some on the page “Data”.'}</Empty>}
            {editing ? (
              <WatchEditor list={list} />
            ) : (
              <ul className="watchlist" aria-label="Watched symbols">
                {list.names.map((symbol) => (
                  <li key={symbol}>
                    <WatchRow symbol={symbol} item={items.get(symbol)} watched={list.names} among={held} selected={symbol === selected} onSelect={onSelect} />
                  </li>
                ))}
              </ul>
            )}
            {!list.chosen && stored.length > AT_FIRST && <p className="watch-note small muted">{`The first ${AT_FIRST} of ${count(stored.length)} stored symbols.`}</p>}
          </>
        )}
      </QueryView>
    </Panel>
  );
}
