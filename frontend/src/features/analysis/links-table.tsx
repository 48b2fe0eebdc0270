import type { ReactNode } from 'react';
import type { Link } from '@/api/types';
import { type Column, DataTable, type Sort } from '@/components/data-table';
import { fixed, probability } from '@/lib/format';
import { SIGN_TEXT, signOf } from './link-sign';
import type { Comparison } from './truth';

type SortKey = 'source' | 'target' | 'lag_bars' | 'te_nats' | 'p' | 'q';

const KEYS: readonly SortKey[] = ['source', 'target', 'lag_bars', 'te_nats', 'p', 'q'];

export function readSort(text: string | null): Sort {
  const [key = '', direction] = (text ?? '').split('.');
  const known = KEYS.includes(key as SortKey);
  return known ? { key, descending: direction === 'desc' } : { key: 'q', descending: false };
}

export function sortLinks(links: readonly Link[], { key, descending }: Sort): Link[] {
  const field = key as SortKey;
  const ordered = [...links].sort((a, b) => {
    const x = a[field];
    const y = b[field];
    const order = typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y);
    return order || a.source.localeCompare(b.source) || a.target.localeCompare(b.target);
  });
  return descending ? ordered.reverse() : ordered;
}

function signCell(link: Link): ReactNode {
  const sign = signOf(link);
  return <span className={sign === 'unknown' ? 'muted' : sign === 'positive' ? 'up' : 'down'}>{SIGN_TEXT[sign]}</span>;
}

function truthCell(link: Link, comparison: Comparison): ReactNode {
  const found = comparison.found.find((item) => item.link === link);
  if (!found) return <span className="down">✕ false</span>;
  if (found.lag === 'same') return <span className="up">✓ true</span>;
  return found.lag === 'among' ? <span className="up">✓ true, lag among {link.lags.join(', ')}</span> : <span>✓ true, other lag</span>;
}

interface TableProps {
  readonly links: readonly Link[];
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
  readonly comparison: Comparison | null;
}

export function LinksTable({ links, sort, onSort, comparison }: TableProps): ReactNode {
  const columns: Column<Link>[] = [
    { key: 'source', header: 'Source', sortable: true, cell: (link) => <strong>{link.source}</strong> },
    { key: 'target', header: 'Target', sortable: true, cell: (link) => <strong>{link.target}</strong> },
    { key: 'lag_bars', header: 'Lag', number: true, sortable: true, cell: (link) => <span title={`Selected lags: ${link.lags.join(', ')}`}>{link.lag_bars}</span> },
    { key: 'te_nats', header: 'TE (nats)', number: true, sortable: true, cell: (link) => fixed(link.te_nats, 4) },
    { key: 'p', header: 'p', number: true, sortable: true, cell: (link) => probability(link.p) },
    { key: 'q', header: 'q', number: true, sortable: true, cell: (link) => probability(link.q) },
    { key: 'sign', header: 'Sign', cell: signCell },
  ];
  if (comparison) columns.push({ key: 'truth', header: 'Truth', cell: (link) => truthCell(link, comparison) });
  return <DataTable caption="Links" columns={columns} rows={sortLinks(links, sort)} rowKey={(link) => `${link.source} ${link.target}`} sort={sort} onSort={onSort} tall />;
}
