/** The months of a report as years of twelve cells, and how full each one is. */
import type { Month } from '@/api/types';
import { count, plural } from '@/lib/format';

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export type Level = 'full' | 'few' | 'many' | 'none';

export interface YearRow {
  readonly year: string;
  /** Twelve of them; null before the first and after the last month of the report. */
  readonly months: readonly (Month | null)[];
}

/** Ascending by year. A year without any month is left out, as nothing was expected in it. */
export function yearRows(months: readonly Month[]): YearRow[] {
  const byYear = new Map<string, (Month | null)[]>();
  for (const month of months) {
    const [year = '', number = '1'] = month.month.split('-');
    const row = byYear.get(year) ?? Array.from({ length: 12 }, () => null);
    row[Number(number) - 1] = month;
    byYear.set(year, row);
  }
  return [...byYear].map(([year, row]) => ({ year, months: row }));
}

/** Few: at most a tenth of what was expected is missing. */
export function levelOf({ expected_bars: expected, missing_bars: missing }: Month): Level {
  if (missing === 0) return 'full';
  if (missing >= expected) return 'none';
  return missing <= expected / 10 ? 'few' : 'many';
}

/** What stands in a cell: nothing where nothing is missing, so that the eye goes to the rest. */
export function cellText({ missing_bars: missing, expected_bars: expected }: Month): string {
  if (missing === 0) return '';
  if (missing >= expected) return '✕';
  if (missing < 100) return String(missing);
  return `${Math.min(99, Math.max(1, Math.round((100 * missing) / expected)))}%`;
}

/** The cell in words. */
export function cellLabel(month: Month): string {
  const { missing_bars: missing, expected_bars: expected, missing_sessions: sessions } = month;
  if (missing === 0) return `all ${plural(expected, 'bar')}`;
  if (missing >= expected) return `none of ${plural(expected, 'bar')}`;
  return `${count(missing)} of ${plural(expected, 'bar')} missing${sessions > 0 ? `, ${plural(sessions, 'whole session')}` : ''}`;
}
