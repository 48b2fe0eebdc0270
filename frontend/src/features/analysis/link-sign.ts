import type { Link } from '@/api/types';

export type LinkSign = 'positive' | 'negative' | 'unknown';

export function signOf(link: Pick<Link, 'coefficient'>): LinkSign {
  if (link.coefficient === null || link.coefficient === 0) return 'unknown';
  return link.coefficient > 0 ? 'positive' : 'negative';
}

/** A mark and a word. */
export const SIGN_PARTS: Readonly<Record<LinkSign, readonly [string, string]>> = {
  positive: ['▲', 'positive'],
  negative: ['▼', 'negative'],
  unknown: ['–', 'not given'],
};

/** What a node does, in words: this is what a screen reader says. */
export function describeNode(symbol: string, links: readonly Link[]): string {
  const list = (items: readonly Link[], other: 'source' | 'target'): string =>
    items.map((link) => `${link[other]} at lag ${link.lag_bars}`).join(', ') || 'no series';
  const out = links.filter((link) => link.source === symbol);
  const into = links.filter((link) => link.target === symbol);
  return `${symbol} drives ${list(out, 'target')}; is driven by ${list(into, 'source')}`;
}
