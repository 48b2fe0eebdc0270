import type { ReactNode } from 'react';
import type { Comparison, QuestionChange } from '@/api/comparison';
import { type Column, DataTable } from '@/components/data-table';
import { Panel } from '@/components/panel';
import { count, plural, words } from '@/lib/format';
import { isoDate, lastDay } from '@/lib/format-time';

interface Row {
  readonly name: string;
  readonly a: ReactNode;
  readonly b: ReactNode;
}

/** The names that the form gives them. */
const NAMES: Readonly<Record<string, string>> = {
  symbols: 'Series',
  bar_size: 'Bars',
  start: 'First day',
  train_end: 'Last day of training',
  end: 'Last day of evaluation',
  max_lag: 'Largest lag (bars)',
  horizon: 'Forecast horizon (bars)',
  alpha: 'False discovery rate',
  n_permutations: 'Permutations',
  cost_bps: 'Cost (basis points)',
  seed: 'Random seed',
  'inference.k': 'Neighbours',
  'inference.ksg_algorithm': 'KSG algorithm',
  'inference.theiler_bars': 'Theiler window (bars)',
  'inference.n_bins': 'Bins',
  'inference.ordinal_order': 'Bars per pattern',
  'inference.missing': 'Missing bars',
  'inference.block_bars': 'Block length (bars)',
  'inference.tail': 'p beyond the surrogates',
  'inference.autocorrelation': 'Autocorrelated residuals',
  'inference.correct_over': 'Corrected over',
  'inference.condition_on': 'Conditioned on',
  'inference.stability_runs': 'Resamples',
  'inference.window_bars': 'Rolling window (bars)',
  'inference.step_bars': 'Step between windows (bars)',
  'inference.compat': 'Decisions as in',
};

export function nameOf(field: string): string {
  return NAMES[field] ?? words(field.replace('inference.', ''));
}

const MOST_NAMED = 6;

function named(symbols: readonly string[]): string {
  const more = symbols.length - MOST_NAMED;
  return symbols.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The list, as what the other has not. */
function series(own: readonly string[], other: readonly string[]): string {
  const alone = own.filter((symbol) => !other.includes(symbol));
  return `${plural(own.length, 'series', 'series')}${alone.length ? `; only here: ${named(alone)}` : ''}`;
}

export function textOf(field: string, value: QuestionChange['a'], other: QuestionChange['a']): string {
  if (field === 'symbols' && Array.isArray(value) && Array.isArray(other)) return series(value, other);
  if (Array.isArray(value)) return value.length ? named(value) : 'nothing';
  if (value === null) return field === 'inference.window_bars' ? 'whole range' : 'automatic';
  if (value === '') return 'Causeway';
  if (typeof value !== 'string') return String(value);
  if (field === 'start') return isoDate(value);
  return field === 'end' || field === 'train_end' ? lastDay(value) : words(value);
}

function origins({ a, b }: Comparison): Row[] {
  const code = (text: string): ReactNode => <code>{text.slice(0, 12)}</code>;
  const rows: (Row & { readonly differs: boolean })[] = [
    { name: 'Samples', a: count(a.samples), b: count(b.samples), differs: a.samples !== b.samples },
    { name: 'Data hash', a: code(a.data_hash), b: code(b.data_hash), differs: a.data_hash !== b.data_hash },
    { name: 'Engine version', a: <code>{a.engine_version}</code>, b: <code>{b.engine_version}</code>, differs: a.engine_version !== b.engine_version },
    { name: 'Code version', a: <code>{a.code_version}</code>, b: <code>{b.code_version}</code>, differs: a.code_version !== b.code_version },
  ];
  return rows.filter((row) => row.differs);
}

/** Name, A, B; `header` heads the names. */
export function sides(header: string): readonly Column<Row>[] {
  return [
    { key: 'name', header, cell: (row) => row.name },
    { key: 'a', header: 'A', cell: (row) => row.a },
    { key: 'b', header: 'B', cell: (row) => row.b },
  ];
}

/** Only what differs, of the question and of where the answers came from. */
export function QuestionTable({ comparison }: { readonly comparison: Comparison }): ReactNode {
  const asked = comparison.question.map(({ field, a, b }) => ({ name: nameOf(field), a: textOf(field, a, b), b: textOf(field, b, a) }));
  const rows = [...asked, ...origins(comparison)];
  return (
    <Panel title="What is different" flush className="side-table">
      {rows.length === 0 ? (
        <p className="side-table__none muted">Question, data and versions are the same.</p>
      ) : (
        <DataTable caption="What is different" columns={sides('Setting')} rows={rows} rowKey={(row) => row.name} />
      )}
    </Panel>
  );
}
