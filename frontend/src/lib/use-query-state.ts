import { useSearchParams } from 'react-router';

export type QueryChange = Readonly<Record<string, string | null>>;

/** The state of a view in the address: read it, and change some of it without a new entry in the history. */
export function useQueryState(): readonly [URLSearchParams, (change: QueryChange) => void] {
  const [query, setQuery] = useSearchParams();
  const change = (wanted: QueryChange): void =>
    setQuery(
      (old) => {
        for (const [name, value] of Object.entries(wanted)) {
          if (value === null) old.delete(name);
          else old.set(name, value);
        }
        return old;
      },
      { replace: true, preventScrollReset: true },
    );
  return [query, change];
}
