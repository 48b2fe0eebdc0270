import { type ReactNode, useState } from 'react';
import type { WatchlistChoice } from '@/api/use-watchlist';
import { Button } from '@/components/button';
import { plural } from '@/lib/format';

/** The watchlist to be put in order: each symbol can go up, down, or away. */
export function WatchEditor({ list }: { readonly list: WatchlistChoice }): ReactNode {
  const [said, setSaid] = useState('');
  const { names } = list;
  const move = (symbol: string, at: number, by: -1 | 1): void => {
    list.move(symbol, by);
    const place = Math.min(names.length, Math.max(1, at + 1 + by));
    setSaid(`${symbol} is number ${place} of ${names.length}`);
  };
  const remove = (symbol: string): void => {
    list.remove(symbol);
    setSaid(`${symbol} is no longer watched; ${plural(names.length - 1, 'symbol')} left`);
  };
  return (
    <>
      <ol aria-label="Watched symbols, in order">
        {names.map((symbol, at) => (
          <li key={symbol} className="watch watch--edited">
            <strong className="watch__name">{symbol}</strong>
            <span className="watch__moves">
              <Button variant="quiet" shape="icon" aria-label={`Move ${symbol} up`} aria-disabled={at === 0} onClick={() => move(symbol, at, -1)}>
                <span aria-hidden="true">▲</span>
              </Button>
              <Button variant="quiet" shape="icon" aria-label={`Move ${symbol} down`} aria-disabled={at === names.length - 1} onClick={() => move(symbol, at, 1)}>
                <span aria-hidden="true">▼</span>
              </Button>
              <Button variant="quiet" shape="icon" aria-label={`Stop watching ${symbol}`} onClick={() => remove(symbol)}>
                <span aria-hidden="true">✕</span>
              </Button>
            </span>
          </li>
        ))}
      </ol>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {list.chosen && (
        <Button variant="quiet" shape="block" onClick={list.reset}>
          Back to the first stored symbols
        </Button>
      )}
      <p className="watch-note small muted">This browser keeps the list, for you alone.</p>
    </>
  );
}
