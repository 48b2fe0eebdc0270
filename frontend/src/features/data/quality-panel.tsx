import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { symbolsQuery } from '@/api/data';
import { qualityQuery } from '@/api/quality';
import type { CodeFound, MissingRange, QualityReport } from '@/api/types';
import { Badge, Notice } from '@/components/badge';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { Stat, Stats } from '@/components/stat';
import { Empty, QueryView } from '@/components/states';
import { count, plural, words } from '@/lib/format';
import { dateTime, isoDate, type Zone } from '@/lib/format-time';
import { useSymbolZone } from '@/api/use-zone';
import { labelOf } from './fetch-draft';
import { GapPicture } from './gap-picture';
import type { DataView } from './use-data-view';

const GAPS_SHOWN = 100;

/** Daily bars are dates. */
const at = (iso: string, daily: boolean, zone: Zone): string => (daily ? isoDate(iso) : dateTime(iso, zone));

/** On two lines, so that the table fits half a page. */
function When({ first, last }: { readonly first: string; readonly last: string }): ReactNode {
  if (first === last) return first;
  return (
    <>
      {first} to <br />
      {last}
    </>
  );
}

function findingColumns(daily: boolean, zone: Zone): readonly Column<CodeFound>[] {
  return [
    { key: 'code', header: 'Finding', cell: (row) => words(row.code) },
    { key: 'severity', header: 'Severity', cell: (row) => <Badge tone={row.severity === 'error' ? 'danger' : 'warn'}>{words(row.severity)}</Badge> },
    { key: 'rows', header: 'Bars', number: true, cell: (row) => (row.code === 'missing_sessions' ? plural(row.rows, 'session') : count(row.rows)) },
    { key: 'when', header: 'When', cell: (row) => <When first={at(row.first, daily, zone)} last={at(row.last, daily, zone)} /> },
    { key: 'example', header: 'The first one', cell: (row) => <span className="finding">{row.example}</span> },
  ];
}

function gapColumns(daily: boolean, zone: Zone): readonly Column<MissingRange>[] {
  return [
    { key: 'first', header: 'First missing', cell: (row) => at(row.first, daily, zone) },
    { key: 'last', header: 'Last missing', cell: (row) => at(row.last, daily, zone) },
    { key: 'bars', header: 'Bars', number: true, cell: (row) => count(row.bars) },
    { key: 'sessions', header: 'Whole sessions', number: true, cell: (row) => count(row.sessions) },
  ];
}

function Numbers({ report }: { readonly report: QualityReport }): ReactNode {
  const inBars = report.findings.filter((one) => one.ranges.length === 0);
  const stored = report.expected_bars - report.missing_bars;
  const share = report.expected_bars ? `${(Math.floor((1000 * stored) / report.expected_bars) / 10).toFixed(1)}% of ${count(report.expected_bars)} expected` : 'none expected';
  return (
    <Stats label={`Quality of ${report.symbol}`}>
      <Stat label="Bars" detail={share}>{count(report.bars)}</Stat>
      <Stat label="Missing" detail={`${plural(report.sessions_without_bars, 'whole session')} of ${count(report.sessions)}`}>{count(report.missing_bars)}</Stat>
      <Stat label="Findings" detail={`Of ${plural(inBars.length, 'kind')}, in stored bars`}>{count(inBars.reduce((sum, one) => sum + one.rows, 0))}</Stat>
      <Stat label="In quarantine" detail="Rows of your files">{count(report.quarantined_rows)}</Stat>
    </Stats>
  );
}

/** How many bars of other providers stand beside stored ones and differ; which ones, the findings say. */
function Comparison({ report }: { readonly report: QualityReport }): ReactNode {
  return report.compared.map(({ source, bars, differing }) => (
    <Notice key={source} tone={differing ? 'warn' : 'plain'}>
      {bars === 0
        ? `No kept bar of ${labelOf(source)} stands beside a stored one.`
        : `Compared with ${labelOf(source)}: ${count(differing)} of ${plural(bars, 'bar')} ${differing === 1 ? 'has' : 'have'} prices that are over 0.2% off.`}
    </Notice>
  ));
}

function Gaps({ report }: { readonly report: QualityReport }): ReactNode {
  const zone = useSymbolZone(report.symbol);
  const left = report.gaps.length + report.gaps_left_off - GAPS_SHOWN;
  if (report.gaps.length === 0) return null;
  return (
    <details>
      <summary className="data-summary">Gaps, one by one</summary>
      <DataTable caption="Gaps" columns={gapColumns(report.bar_size === '1d', zone)} rows={report.gaps.slice(0, GAPS_SHOWN)} rowKey={(row) => row.first} tall />
      {left > 0 && <p className="small muted">{plural(left, 'more gap')} not shown.</p>}
    </details>
  );
}

function Report({ report }: { readonly report: QualityReport }): ReactNode {
  const zone = useSymbolZone(report.symbol);
  const daily = report.bar_size === '1d';
  const sources = Object.entries(report.sources).map(([name, bars]) => `${name} ${count(bars)}`);
  return (
    <div className="stack">
      <p className="muted small">
        {isoDate(report.start)} to {isoDate(report.end)}, sessions of {report.calendar}
        {sources.length > 0 && `; bars by source: ${sources.join(', ')}`}
      </p>
      <Numbers report={report} />
      <Comparison report={report} />
      {report.bars_outside_sessions > 0 && <Notice>{plural(report.bars_outside_sessions, 'bar lies', 'bars lie')} outside the calendar’s sessions.</Notice>}
      <div className="columns columns--halves">
        <section className="stack stack--tight" aria-label="Missing bars">
          <h3>Missing bars by month</h3>
          <GapPicture symbol={report.symbol} months={report.months} />
          <Gaps report={report} />
        </section>
        <section className="stack stack--tight" aria-label="Findings">
          <h3>What the checks found</h3>
          {report.findings.length === 0 ? <Empty title="Nothing was found" /> : <DataTable caption="Findings by code" columns={findingColumns(daily, zone)} rows={report.findings} rowKey={(row) => row.code} />}
        </section>
      </div>
    </div>
  );
}

/** Bar size, and whose kept bars the stored ones are compared with. */
function Choices({ view, kept }: { readonly view: DataView; readonly kept: readonly string[] }): ReactNode {
  const others = view.against && !kept.includes(view.against) ? [...kept, view.against] : kept;
  return (
    <>
      {others.length > 0 && (
        <select className="input data-choice" aria-label="Compare with" value={view.against} onChange={(event) => view.setAgainst(event.target.value)}>
          <option value="">Compare with…</option>
          {others.map((name) => (
            <option key={name} value={name}>{`against ${labelOf(name)}`}</option>
          ))}
        </select>
      )}
      <select className="input data-choice" aria-label="Bar size" value={view.barSize} disabled={view.sizes.length < 2} onChange={(event) => view.setBarSize(event.target.value)}>
        {(view.sizes.length ? view.sizes : [view.barSize]).map((size) => (
          <option key={size} value={size}>
            {size}
          </option>
        ))}
      </select>
    </>
  );
}

/** Every check of one stored series: facts, no score. */
export function QualityPanel({ view }: { readonly view: DataView }): ReactNode {
  const symbols = useQuery(symbolsQuery);
  const query = useQuery({ ...qualityQuery(view.symbol, view.barSize, view.against), enabled: view.sizes.length > 0 });
  return (
    <Panel
      title={view.symbol ? `Quality of ${view.symbol}` : 'Quality'}
      actions={<Choices view={view} kept={Object.keys(query.data?.kept ?? {})} />}
    >
      {!view.symbol ? (
        <Empty title="Choose a series" />
      ) : (
        <QueryView query={symbols} what="The stored series" lines={24}>
          {() =>
            view.sizes.length === 0 ? (
              <Empty title={`No bar of ${view.symbol} is stored`}>Ask a provider for bars with “New fetch”, or load a file with “causeway ingest”.</Empty>
            ) : (
              <QueryView query={query} what="The quality report" lines={24}>
                {(report) => <Report report={report} />}
              </QueryView>
            )
          }
        </QueryView>
      )}
    </Panel>
  );
}
