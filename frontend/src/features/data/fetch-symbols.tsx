import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fetchQuery } from '@/api/fetches';
import type { FetchedSymbol } from '@/api/types';
import { QueryView } from '@/components/states';
import { StatusBadge } from '@/components/status-badge';
import { plural } from '@/lib/format';

const SHOWN = 100;

/** Why a symbol failed, or a remark on one that did not. */
const remark = ({ error, message }: FetchedSymbol): string => [error?.message, message].filter(Boolean).join('; ');

/** Symbols that failed come first: they are what one opens the list for. */
const failedFirst = (symbols: readonly FetchedSymbol[]): readonly FetchedSymbol[] => [...symbols].sort((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'));

/** Where each symbol of a fetch stands, and why one failed. */
export function FetchSymbols({ id, label }: { readonly id: string; readonly label: string }): ReactNode {
  const query = useQuery(fetchQuery(id));
  return (
    <QueryView query={query} what="The symbols of the fetch" lines={2}>
      {({ symbols }) => (
        <>
          <ul className="fetch-symbols" aria-label={label}>
            {failedFirst(symbols).slice(0, SHOWN).map((one) => (
              <li key={one.symbol}>
                <strong>{one.symbol}</strong> <StatusBadge status={one.state} /> <span>{remark(one)}</span>
              </li>
            ))}
          </ul>
          {symbols.length > SHOWN && <p className="small muted">{plural(symbols.length - SHOWN, 'more symbol')} not shown.</p>}
        </>
      )}
    </QueryView>
  );
}
