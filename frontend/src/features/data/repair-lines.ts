import type { Repair } from '@/api/types';
import { count, price, quantity } from '@/lib/format';

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

export interface Line {
  readonly name: string;
  readonly stored: string;
  readonly proposed: string;
  readonly changed: boolean;
}

/** A bar by its values, – where nothing is stored; a split or dividend by its amount, to the last digit. */
export function linesOf({ kind, found, proposed }: Pick<Repair, 'kind' | 'found' | 'proposed'>): readonly Line[] {
  if ('value' in proposed) return [{ name: kind, stored: told(found), proposed: told(proposed), changed: true }];
  const held = found && 'close' in found ? found : null;
  return FIELDS.map((name) => {
    const show = name === 'volume' ? count : price;
    return { name, stored: held ? show(held[name]) : '–', proposed: show(proposed[name]), changed: held?.[name] !== proposed[name] };
  });
}

/** In one word: of a bar its close. */
export function told(values: Repair['found']): string {
  if (values === null) return '–';
  if ('close' in values) return price(values.close);
  return values.value === null ? 'taken out' : quantity(values.value);
}

/** "close 34,723.00 → 347.23": only what changes; "new bar", and its values, where nothing is stored. */
export function changesOf(repair: Pick<Repair, 'kind' | 'found' | 'proposed'>): readonly string[] {
  const lines = linesOf(repair).filter((line) => line.changed);
  if (repair.kind === 'bar' && repair.found === null) return ['new bar', ...lines.map(({ name, proposed }) => `${name} ${proposed}`)];
  return lines.map(({ name, stored, proposed }) => `${name} ${stored} → ${proposed}`);
}
