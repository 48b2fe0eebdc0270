import type { ReactNode } from 'react';
import type { Month } from '@/api/types';
import { Empty } from '@/components/states';
import { cellLabel, cellText, levelOf, MONTHS, yearRows } from './month-grid';

function Cell({ month }: { readonly month: Month | null }): ReactNode {
  if (!month) return <td className="gap-cell gap-cell--outside" />;
  const label = cellLabel(month);
  return (
    <td className={`gap-cell gap-cell--${levelOf(month)}`} title={`${month.month}: ${label}`}>
      <span aria-hidden="true">{cellText(month)}</span>
      <span className="visually-hidden">{label}</span>
    </td>
  );
}

const LEGEND = [
  ['full', 'complete'],
  ['few', 'up to a tenth missing'],
  ['many', 'more missing'],
  ['none', 'nothing stored'],
] as const;

/** A year to a row, a month to a cell, the newest year first. Shade, number and words say the same. */
export function GapPicture({ symbol, months }: { readonly symbol: string; readonly months: readonly Month[] }): ReactNode {
  if (months.length === 0) return <Empty title="No session was expected in this range" />;
  return (
    <div className="stack stack--tight">
      <table className="gap-grid">
        <caption className="visually-hidden">Missing bars of {symbol} by year and month</caption>
        <thead>
          <tr>
            <td />
            {MONTHS.map((name) => (
              <th key={name} scope="col" className="gap-grid__month">
                <span aria-hidden="true">{name.charAt(0)}</span>
                <span className="visually-hidden">{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {yearRows(months)
            .reverse()
            .map(({ year, months: cells }) => (
              <tr key={year}>
                <th scope="row">{year}</th>
                {cells.map((month, index) => (
                  <Cell key={MONTHS[index]} month={month} />
                ))}
              </tr>
            ))}
        </tbody>
      </table>
      <p className="gap-legend small muted">
        {LEGEND.map(([level, text]) => (
          <span key={level} className="gap-legend__item">
            <span className={`gap-legend__swatch gap-cell--${level}`} aria-hidden="true" />
            {text}
          </span>
        ))}
      </p>
    </div>
  );
}
