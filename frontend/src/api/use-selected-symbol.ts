import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { setPreferences, usePreferences } from '@/lib/preferences';
import { symbolsQuery } from './data';
import type { MarketSymbol } from './types';

interface Selection {
  readonly symbol: string;
  readonly symbols: readonly MarketSymbol[];
  readonly select: (symbol: string) => void;
}

const NONE: readonly MarketSymbol[] = [];

/** The one symbol that drives every widget of a page: from the URL, else the last one used, else the first. */
export function useSelectedSymbol(): Selection {
  const [query, setQuery] = useSearchParams();
  const remembered = usePreferences().symbol;
  const symbols = useQuery(symbolsQuery).data ?? NONE;
  const stillThere = symbols.some((item) => item.symbol === remembered) ? remembered : null;
  const symbol = query.get('symbol') ?? stillThere ?? symbols[0]?.symbol ?? '';
  const select = (next: string): void => {
    setPreferences({ symbol: next });
    setQuery(
      (old) => {
        old.set('symbol', next);
        // Whose bars are kept for comparison differs from symbol to symbol.
        old.delete('against');
        return old;
      },
      { replace: true },
    );
  };
  return { symbol, symbols, select };
}
