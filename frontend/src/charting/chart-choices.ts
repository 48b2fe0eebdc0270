import { useSearchParams } from 'react-router';
import type { Adjustment } from '@/api/data';
import type { Spec } from '@/api/types';

export type BarSize = Spec['bar_size'];

export const BAR_SIZES: readonly BarSize[] = ['1s', '5s', '1m', '5m', '15m', '1h', '1d'];
export const ADJUSTMENTS: readonly { readonly value: Adjustment; readonly label: string }[] = [
  { value: 'raw', label: 'Raw' },
  { value: 'split', label: 'Splits' },
  { value: 'total', label: 'Total return' },
];

export interface ChartChoices {
  readonly barSize: BarSize;
  readonly adjustment: Adjustment;
  readonly log: boolean;
  readonly set: (name: 'bars' | 'adjust' | 'scale', value: string) => void;
}

/** Sizes that a chart can show: those that are stored, and coarser ones, which are made from them. Finest first. */
export function sizesFrom(stored: readonly string[]): readonly BarSize[] {
  const finest = BAR_SIZES.findIndex((size) => stored.includes(size));
  return finest < 0 ? [] : BAR_SIZES.slice(finest);
}

/** The stored size that bars of a size are, or are made from. */
export function sourceOf(barSize: BarSize, stored: readonly string[]): BarSize {
  return BAR_SIZES.slice(0, BAR_SIZES.indexOf(barSize) + 1).findLast((size) => stored.includes(size)) ?? barSize;
}

/** What the address says, where it can be shown; else days, or the coarsest size that there is. */
export function chosenSize(asked: string | null, offered: readonly BarSize[]): BarSize {
  return offered.find((size) => size === asked) ?? (offered.includes('1d') ? '1d' : (offered.at(-1) ?? '1d'));
}

/** Bar size, adjustment and scale of the page's chart, kept in the address. */
export function useChartChoices(offered: readonly BarSize[]): ChartChoices {
  const [query, setQuery] = useSearchParams();
  const adjustment = ADJUSTMENTS.find(({ value }) => value === query.get('adjust'))?.value ?? 'split';
  const set = (name: 'bars' | 'adjust' | 'scale', value: string): void =>
    setQuery(
      (old) => {
        old.set(name, value);
        return old;
      },
      { replace: true },
    );
  return { barSize: chosenSize(query.get('bars'), offered), adjustment, log: query.get('scale') === 'log', set };
}
