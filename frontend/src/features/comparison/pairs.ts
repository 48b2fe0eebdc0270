import type { LinkPair } from '@/api/comparison';
import type { Sort } from '@/components/data-table';

export type Show = 'found' | 'changed' | 'both' | 'a' | 'b' | 'alone' | 'all';

export const SHOWN: readonly { readonly value: Show; readonly label: string }[] = [
  { value: 'found', label: 'Found in either' },
  { value: 'changed', label: 'Changed' },
  { value: 'both', label: 'In both' },
  { value: 'a', label: 'Only A' },
  { value: 'b', label: 'Only B' },
  { value: 'alone', label: 'Asked in one' },
  { value: 'all', label: 'Candidates too' },
];

export const FOUND: Readonly<Record<LinkPair['found'], string>> = { both: 'A and B', a: 'A only', b: 'B only', neither: 'Neither' };

const CHANGE: Readonly<Record<LinkPair['changes'][number], string>> = { significance: 'found in one only', lag: 'other lag', sign: 'other sign' };

export function readShow(text: string | null): Show {
  return SHOWN.find((item) => item.value === text)?.value ?? 'found';
}

export function matches(pair: LinkPair, show: Show): boolean {
  if (show === 'all') return true;
  if (pair.found === 'neither') return false;
  if (show === 'found') return true;
  if (show === 'changed') return pair.changes.length > 0;
  return pair.asked === 'both' ? pair.found === show : show === 'alone';
}

/** What a reader should know of a pair in words; empty where both found the same. */
export function describeChange({ asked, changes }: LinkPair): string {
  if (asked === 'a' || asked === 'b') return `asked in ${asked.toUpperCase()} only`;
  return changes.map((change) => CHANGE[change]).join(', ');
}

const strength = ({ a, b }: LinkPair): number => Math.max(a?.te_nats ?? 0, b?.te_nats ?? 0);
const least = ({ a, b }: LinkPair): number => Math.min(a?.q ?? 1, b?.q ?? 1);
/** How far the ratio is from one, either way; pairs without a ratio come first. */
const distance = ({ te_ratio: ratio }: LinkPair): number => (ratio === null ? -1 : ratio > 0 ? Math.abs(Math.log(ratio)) : Infinity);

const VALUES: Readonly<Record<string, (pair: LinkPair) => string | number>> = {
  source: (pair) => pair.source,
  target: (pair) => pair.target,
  te: strength,
  ratio: distance,
  q: least,
};

export function readSort(text: string | null): Sort {
  const [key = '', direction] = (text ?? '').split('.');
  return key in VALUES ? { key, descending: direction === 'desc' } : { key: 'q', descending: false };
}

export function sortPairs(pairs: readonly LinkPair[], { key, descending }: Sort): LinkPair[] {
  const value = VALUES[key] ?? least;
  const ordered = [...pairs].sort((one, other) => {
    const x = value(one);
    const y = value(other);
    const order = typeof x === 'string' ? x.localeCompare(String(y)) : x === y ? 0 : x < Number(y) ? -1 : 1;
    return order || one.source.localeCompare(other.source) || one.target.localeCompare(other.target);
  });
  return descending ? ordered.reverse() : ordered;
}

/** The end of the strengths' axis: the strongest of all pairs, so that a filter moves no mark. */
export function scaleOf(pairs: readonly LinkPair[]): number {
  return Math.max(...pairs.map(strength), Number.EPSILON);
}
