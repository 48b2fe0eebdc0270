import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import type { Comparison, LinkPair } from '@/api/comparison';
import { Badge, type Tone } from '@/components/badge';
import { Button } from '@/components/button';
import { type Column, DataTable, type Sort } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { Empty } from '@/components/states';
import { download, toCsv } from '@/lib/csv';
import { fixed, probability } from '@/lib/format';
import { Dumbbell, Legend, Pair } from './pair-cells';
import { describeChange, FOUND, matches, readShow, readSort, scaleOf, type Show, SHOWN, sortPairs } from './pairs';

const TONES: Readonly<Record<LinkPair['found'], Tone>> = { both: 'accent', a: 'warn', b: 'warn', neither: 'plain' };

function save({ a, b, links }: Comparison): void {
  const side = (name: 'a' | 'b'): string[] => ['te_nats', 'lag_bars', 'q', 'coefficient'].map((field) => `${field}_${name}`);
  const numbers = (link: LinkPair['a']): (number | null)[] => (link ? [link.te_nats, link.lag_bars, link.q, link.coefficient] : [null, null, null, null]);
  const header = ['source', 'target', 'found', 'asked', 'changes', 'te_ratio', ...side('a'), ...side('b')];
  const rows = links.map((pair) => [pair.source, pair.target, pair.found, pair.asked, pair.changes.join(' '), pair.te_ratio, ...numbers(pair.a), ...numbers(pair.b)]);
  download(`compare-${a.job_id.slice(0, 8)}-${b.job_id.slice(0, 8)}.csv`, toCsv(header, rows));
}

function columns(most: number): readonly Column<LinkPair>[] {
  return [
    { key: 'source', header: 'Source', sortable: true, cell: (pair) => <strong>{pair.source}</strong> },
    { key: 'target', header: 'Target', sortable: true, cell: (pair) => <strong>{pair.target}</strong> },
    { key: 'found', header: 'Found in', cell: (pair) => <Badge tone={TONES[pair.found]}>{FOUND[pair.found]}</Badge> },
    { key: 'te', header: 'TE (nats)', number: true, sortable: true, cell: (pair) => <Pair pair={pair} of={(link) => fixed(link.te_nats, 4)} /> },
    { key: 'strength', header: 'Strength', cell: (pair) => <Dumbbell pair={pair} most={most} /> },
    { key: 'ratio', header: 'B / A', number: true, sortable: true, cell: (pair) => (pair.te_ratio === null ? <span className="muted">–</span> : `${fixed(pair.te_ratio, 2)}×`) },
    { key: 'lag', header: 'Lag', number: true, cell: (pair) => <Pair pair={pair} of={(link) => <span title={`Selected lags: ${link.lags.join(', ')}`}>{link.lag_bars}</span>} /> },
    { key: 'q', header: 'q', number: true, sortable: true, cell: (pair) => <Pair pair={pair} of={(link) => probability(link.q)} /> },
    { key: 'changed', header: 'Changed', cell: (pair) => describeChange(pair) || <span className="muted">–</span> },
  ];
}

interface FilterProps {
  readonly links: readonly LinkPair[];
  readonly show: Show;
  readonly onShow: (show: Show) => void;
}

function Filter({ links, show, onShow }: FilterProps): ReactNode {
  const options = SHOWN.map((option) => ({ ...option, count: links.filter((pair) => matches(pair, option.value)).length }));
  const offered = options.filter(({ value, count }) => value !== 'alone' || count > 0 || value === show);
  return (
    <div className="pair-filter" role="group" aria-label="Show links">
      {offered.map(({ value, label, count }) => (
        <button key={value} type="button" className="pair-filter__option" aria-pressed={value === show} onClick={() => onShow(value)}>
          {label} <span className="pair-filter__count">{count}</span>
        </button>
      ))}
    </div>
  );
}

/** Every link that one of the two kept, with both its numbers. Filter and order are in the address. */
export function PairsPanel({ comparison }: { readonly comparison: Comparison }): ReactNode {
  const [query, setQuery] = useSearchParams();
  const { links } = comparison;
  const show = readShow(query.get('show'));
  const sort = readSort(query.get('sort'));
  const change = (name: string, value: string | null): void =>
    setQuery(
      (old) => {
        if (value === null) old.delete(name);
        else old.set(name, value);
        return old;
      },
      { replace: true, preventScrollReset: true },
    );
  const setSort = ({ key, descending }: Sort): void => change('sort', `${key}.${descending ? 'desc' : 'asc'}`);
  const shown = sortPairs(links.filter((pair) => matches(pair, show)), sort);
  const csv = (
    <Button onClick={() => save(comparison)} disabled={links.length === 0}>
      Download CSV
    </Button>
  );
  return (
    <Panel title="Links" flush actions={csv}>
      <div className="pairs-head">
        <Filter links={links} show={show} onShow={(next) => change('show', next === 'found' ? null : next)} />
        <Legend />
      </div>
      {shown.length === 0 ? (
        <Empty title={links.length === 0 ? 'Neither analysis kept a link' : 'No link is like that'}>{links.length > 0 && 'Choose another filter above.'}</Empty>
      ) : (
        <DataTable caption="Links of both analyses" columns={columns(scaleOf(links))} rows={shown} rowKey={(pair) => `${pair.source} ${pair.target}`} sort={sort} onSort={setSort} tall />
      )}
    </Panel>
  );
}
