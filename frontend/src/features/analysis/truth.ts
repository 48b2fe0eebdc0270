/** Found links beside the coupling that a synthetic market was made with. */
import type { Link, TruthLink } from '@/api/types';

export interface Found {
  readonly truth: TruthLink;
  readonly link: Link;
  /** The true lag is the strongest one, or at least among the selected lags. */
  readonly lag: 'same' | 'among' | 'other';
}

export interface Comparison {
  readonly found: readonly Found[];
  readonly missed: readonly TruthLink[];
  readonly spurious: readonly Link[];
}

export function pairKey(link: { readonly source: string; readonly target: string }): string {
  return `${link.source}\u0000${link.target}`;
}

function lagMatch(link: Link, truth: TruthLink): Found['lag'] {
  if (link.lag_bars === truth.lag_bars) return 'same';
  return link.lags.includes(truth.lag_bars) ? 'among' : 'other';
}

export function compareWithTruth(links: readonly Link[], truth: readonly TruthLink[]): Comparison {
  const byPair = new Map(links.map((link) => [pairKey(link), link]));
  const real = new Set(truth.map(pairKey));
  const found: Found[] = [];
  const missed: TruthLink[] = [];
  for (const item of truth) {
    const link = byPair.get(pairKey(item));
    if (link) found.push({ truth: item, link, lag: lagMatch(link, item) });
    else missed.push(item);
  }
  return { found, missed, spurious: links.filter((link) => !real.has(pairKey(link))) };
}
