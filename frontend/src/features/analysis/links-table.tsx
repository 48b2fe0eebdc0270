import type { ReactNode } from 'react';
import type { Link } from '@/api/types';
import { type Column, DataTable, type Sort } from '@/components/data-table';
import { fixed, percent, probability } from '@/lib/format';
import { SIGN_PARTS, signOf } from './link-sign';
import { stabilityOf } from './stability';
import type { Comparison } from './truth';

type SortKey = 'source' | 'target' | 'lag_bars' | 'te_nats' | 'p' | 'q' | 'stability';

const KEYS: readonly SortKey[] = ['source', 'target', 'lag_bars', 'te_nats', 'p', 'q', 'stability'];

export function readSort(text: string | null): Sort {
  const [key = '', direction] = (text ?? '').split('.');
  const known = KEYS.includes(key as SortKey);
  return known ? { key, descending: direction === 'desc' } : { key: 'q', descending: false };
}

function valueOf(link: Link, key: SortKey): string | number {
  return key === 'stability' ? (stabilityOf(link) ?? -1) : link[key];
}

export function sortLinks(links: readonly Link[], { key, descending }: Sort): Link[] {
  const field = key as SortKey;
  const ordered = [...links].sort((a, b) => {
    const x = valueOf(a, field);
    const y = valueOf(b, field);
    const order = typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y);
    return order || a.source.localeCompare(b.source) || a.target.localeCompare(b.target);
  });
  return descending ? ordered.reverse() : ordered;
}

function sourceCell(link: Link, chosen: boolean, onToggle: () => void): ReactNode {
  return (
    <button type="button" className="link-button" aria-expanded={chosen} aria-label={`${link.source}: show the link to ${link.target}`} onClick={onToggle}>
      <strong>{link.source}</strong>
    </button>
  );
}

function stabilityCell(link: Link): ReactNode {
  const share = stabilityOf(link);
  if (share === null) return <span className="muted">–</span>;
  const parts = `time ${percent(link.stability_time, 0)}, series ${percent(link.stability_assets, 0)}`;
  return <span title={`Found again in resamples: ${parts}`}>{percent(share, 0)}</span>;
}

/** Where the truth stands beside it, the word gives way on a wide screen; it is still read out. */
function signCell(link: Link, short: boolean): ReactNode {
  const sign = signOf(link);
  const [mark, word] = SIGN_PARTS[sign];
  return (
    <span className={sign === 'unknown' ? 'muted' : sign === 'positive' ? 'up' : 'down'} title={word}>
      {mark} <span className={short ? 'link-cell__word' : undefined}>{word}</span>
    </span>
  );
}

function truthCell(link: Link, comparison: Comparison): ReactNode {
  const found = comparison.found.find((item) => item.link === link);
  if (!found) return <span className="down">✕ false</span>;
  if (found.lag === 'same') return <span className="up">✓ true</span>;
  const among = found.lag === 'among';
  return (
    <span className="link-cell__truth">
      <span className={among ? 'up' : undefined}>✓ true,</span> <span className="small">{among ? `lag among ${link.lags.join(', ')}` : 'other lag'}</span>
    </span>
  );
}

interface TableProps {
  readonly links: readonly Link[];
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
  readonly comparison: Comparison | null;
  readonly chosen: Link | null;
  readonly onChoose: (link: Link | null) => void;
}

const keyOf = (link: Link): string => `${link.source} ${link.target}`;

export function LinksTable({ links, sort, onSort, comparison, chosen, onChoose }: TableProps): ReactNode {
  const columns: Column<Link>[] = [
    { key: 'source', header: 'Source', sortable: true, cell: (link) => sourceCell(link, link === chosen, () => onChoose(link === chosen ? null : link)) },
    { key: 'target', header: 'Target', sortable: true, cell: (link) => <strong>{link.target}</strong> },
    { key: 'lag_bars', header: 'Lag', number: true, sortable: true, cell: (link) => <span title={`Selected lags: ${link.lags.join(', ')}`}>{link.lag_bars}</span> },
    { key: 'te_nats', header: 'TE (nats)', number: true, sortable: true, cell: (link) => fixed(link.te_nats, 4) },
    { key: 'p', header: 'p', number: true, sortable: true, cell: (link) => probability(link.p) },
    { key: 'q', header: 'q', number: true, sortable: true, cell: (link) => probability(link.q) },
    { key: 'sign', header: 'Sign', cell: (link) => signCell(link, comparison !== null) },
  ];
  if (links.some((link) => stabilityOf(link) !== null)) {
    columns.push({ key: 'stability', header: 'Stable', number: true, sortable: true, cell: stabilityCell });
  }
  if (comparison) columns.push({ key: 'truth', header: 'Truth', cell: (link) => truthCell(link, comparison) });
  return <DataTable caption="Links" columns={columns} rows={sortLinks(links, sort)} rowKey={keyOf} current={chosen && keyOf(chosen)} sort={sort} onSort={onSort} tall dense />;
}
