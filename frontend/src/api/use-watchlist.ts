import { setPreferences, usePreferences } from '@/lib/preferences';
import { useSession } from './session';
import { added, moved } from './watched';

export interface WatchlistChoice {
  /** What is watched, in order. */
  readonly names: readonly string[];
  /** False while the user chose nothing. */
  readonly chosen: boolean;
  readonly add: (symbol: string) => void;
  readonly remove: (symbol: string) => void;
  /** By one place: -1 up, 1 down. */
  readonly move: (symbol: string, by: -1 | 1) => void;
  readonly reset: () => void;
}

/**
 * The symbols that this user watches. They are kept in this browser, by user: the server keeps no preferences, and
 * which symbols somebody looks at is neither secret nor part of an account. `initial` is watched while nobody chose.
 */
export function useWatchlist(initial: readonly string[]): WatchlistChoice {
  const session = useSession();
  const { watchlists } = usePreferences();
  const user = session.status === 'signed-in' ? session.me.user.id : '';
  const mine = watchlists[user];
  const names = mine ?? initial;
  const keep = (next: readonly string[]): void => setPreferences({ watchlists: { ...watchlists, [user]: next } });
  return {
    names,
    chosen: mine !== undefined,
    add: (symbol) => keep(added(names, symbol)),
    remove: (symbol) => keep(names.filter((one) => one !== symbol)),
    move: (symbol, by) => keep(moved(names, symbol, by)),
    reset: () => setPreferences({ watchlists: Object.fromEntries(Object.entries(watchlists).filter(([id]) => id !== user)) }),
  };
}
