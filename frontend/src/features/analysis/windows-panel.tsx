import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { windowsQuery } from '@/api/analysis';
import type { Result, Windows } from '@/api/types';
import { Button } from '@/components/button';
import { Panel } from '@/components/panel';
import { Empty, QueryView } from '@/components/states';
import { count, fixed, plural, probability } from '@/lib/format';
import { isoDate } from '@/lib/format-time';
import { type WindowRow, windowRows } from './window-rows';
import './windows.css';

const MOST_ROWS = 30;

type Cell = WindowRow['cells'][number];

function cellText(cell: Cell): string {
  if (cell === 'skipped') return 'could not be analysed';
  if (cell === null) return 'not found';
  return `${cell.significant ? 'significant' : 'found, not significant'}, lag ${cell.lag_bars}, ${fixed(cell.te_nats, 4)} nats, q ${probability(cell.q)}`;
}

function shade(cell: Cell, strongest: number): number {
  if (cell === null || cell === 'skipped') return 0;
  return 0.25 + 0.75 * (strongest > 0 ? Math.max(0, cell.te_nats) / strongest : 0);
}

function Square({ cell, strongest, when }: { readonly cell: Cell; readonly strongest: number; readonly when: string }): ReactNode {
  const state = cell === 'skipped' ? 'skipped' : cell === null ? 'none' : cell.significant ? 'significant' : 'found';
  return (
    <td className="windows__cell" title={`${when}: ${cellText(cell)}`}>
      <span className={`windows__square windows__square--${state}`} style={state === 'significant' ? { opacity: shade(cell, strongest) } : undefined} aria-hidden="true" />
      <span className="visually-hidden">{cellText(cell)}</span>
    </td>
  );
}

function Grid({ windows, rows }: { readonly windows: Windows['windows']; readonly rows: readonly WindowRow[] }): ReactNode {
  const found = rows.flatMap((row) => row.cells.flatMap((cell) => (cell !== null && cell !== 'skipped' ? [cell.te_nats] : [])));
  const strongest = Math.max(0, ...found);
  const when = windows.map((window) => `${isoDate(window.start)} to ${isoDate(window.end)}`);
  return (
    <div className="windows" tabIndex={0} role="region" aria-label="Links over time, scrollable">
      <table className="windows__table">
        <caption className="visually-hidden">Links by window</caption>
        <thead>
          <tr>
            <th scope="col">Link</th>
            <th scope="col" className="number">
              Windows
            </th>
            {windows.map((window, index) => (
              <th key={window.start} scope="col" title={when[index]}>
                <span className="windows__date">{isoDate(window.end).slice(2, 7)}</span>
                <span className="visually-hidden">{when[index]}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.source} ${row.target}`}>
              <th scope="row">
                {row.source} → {row.target}
              </th>
              <td className="number">{row.present}</td>
              {row.cells.map((cell, index) => (
                <Square key={windows[index]?.start} cell={cell} strongest={strongest} when={when[index] ?? ''} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Shown({ stored, alpha }: { readonly stored: Windows; readonly alpha: number }): ReactNode {
  const [all, setAll] = useState(false);
  const rows = windowRows(stored);
  if (rows.length === 0) return <Empty title={`No link reached q < ${alpha} in any of ${plural(stored.windows.length, 'window')}`}>q is corrected over all links of all windows.</Empty>;
  const shown = all ? rows : rows.slice(0, MOST_ROWS);
  return (
    <>
      <p className="muted">
        {plural(rows.length, 'link')} reached q &lt; {alpha} in at least one of {plural(stored.windows.length, 'window')} of {count(stored.window_bars)} bars; q is corrected over all links of all windows. Darker is stronger, a hollow square was found but is
        not significant; columns are named by the end of their window.
      </p>
      <Grid windows={stored.windows} rows={shown} />
      {rows.length > MOST_ROWS && (
        <div>
          <Button onClick={() => setAll(!all)}>{all ? `Show the ${MOST_ROWS} most frequent` : `Show all ${count(rows.length)}`}</Button>
        </div>
      )}
    </>
  );
}

/** Which link was there when; only where the question asked for rolling windows. */
export function WindowsPanel({ result }: { readonly result: Result }): ReactNode {
  const query = useQuery(windowsQuery(result.job_id));
  return (
    <Panel title="Over time">
      <div className="stack">
        <QueryView query={query} what="Windows" lines={8}>
          {(stored) => <Shown stored={stored} alpha={result.spec.alpha} />}
        </QueryView>
      </div>
    </Panel>
  );
}
