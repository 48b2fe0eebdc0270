/** Rolling windows as rows of links: which was there when. */
import type { Windows } from '@/api/types';

type Window = Windows['windows'][number];
type WindowLink = Window['links'][number];

export interface WindowRow {
  readonly source: string;
  readonly target: string;
  /** One cell per window: the link as found there, null where it was not, "skipped" where nothing could be found. */
  readonly cells: readonly (WindowLink | 'skipped' | null)[];
  readonly present: number;
}

/** Links that were significant in at least one window, those of most windows first. */
export function windowRows({ windows }: Windows): WindowRow[] {
  const names = new Map<string, { source: string; target: string }>();
  for (const { links } of windows) {
    for (const { source, target, significant } of links) {
      if (significant) names.set(`${source} ${target}`, { source, target });
    }
  }
  const rows = [...names.values()].map(({ source, target }) => {
    const cells = windows.map((window) => window.links.find((link) => link.source === source && link.target === target) ?? (window.skipped.includes(target) ? ('skipped' as const) : null));
    return { source, target, cells, present: cells.filter((cell) => cell !== null && cell !== 'skipped' && cell.significant).length };
  });
  return rows.sort((a, b) => b.present - a.present || a.source.localeCompare(b.source) || a.target.localeCompare(b.target));
}
