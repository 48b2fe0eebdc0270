import type { Link } from '@/api/types';

/** Where a link is weakest: the lower share of resamples of time and of assets that found it again; null without resamples. */
export function stabilityOf(link: Pick<Link, 'stability_time' | 'stability_assets'>): number | null {
  const known = [link.stability_time, link.stability_assets].filter((share) => share != null);
  return known.length ? Math.min(...known) : null;
}

/** Whether a link passes the slider; one of unknown stability passes only where nothing is asked. */
export function isStable(link: Link, least: number): boolean {
  return least <= 0 || (stabilityOf(link) ?? -1) >= least;
}

/** The least stability in the address, 0 when there is none or it is no number between 0 and 1. */
export function readStability(text: string | null): number {
  const value = Number(text);
  return text !== null && text !== '' && value > 0 && value <= 1 ? value : 0;
}
