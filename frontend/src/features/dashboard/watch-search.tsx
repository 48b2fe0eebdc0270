import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { messageOf } from '@/api/errors';
import { searchQuery } from '@/api/quality';
import type { WatchlistChoice } from '@/api/use-watchlist';
import { Button } from '@/components/button';
import { useSettled } from '@/lib/use-settled';

const TYPING_MS = 200;
const MOST = 6;

/** Symbols that the server finds, to be put on the watchlist. */
export function WatchSearch({ list }: { readonly list: WatchlistChoice }): ReactNode {
  const [text, setText] = useState('');
  const wanted = useSettled(text.trim(), TYPING_MS);
  const query = useInfiniteQuery({ ...searchQuery(wanted), enabled: wanted !== '', placeholderData: keepPreviousData });
  const found = wanted ? (query.data?.pages[0]?.items.slice(0, MOST) ?? []) : [];
  return (
    <div className="watch-search">
      <input className="input" type="search" aria-label="Find a symbol to watch" placeholder="Find a symbol to watch" maxLength={64} value={text} onChange={(event) => setText(event.target.value)} />
      <p className="small muted" role="status">
        {wanted && query.isError ? messageOf(query.error) : wanted && query.isSuccess && found.length === 0 ? `No stored symbol or name holds “${wanted}”.` : ''}
      </p>
      {found.length > 0 && (
        <ul aria-label="Symbols found">
          {found.map(({ symbol, name }) => (
            <li key={symbol} className="watch-search__found">
              <span className="watch__name">
                <strong>{symbol}</strong>
                <span className="muted small">{name}</span>
              </span>
              {list.names.includes(symbol) ? (
                <span className="muted small">Watched</span>
              ) : (
                <Button aria-label={`Add ${symbol}`} onClick={() => list.add(symbol)}>
                  Add
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
