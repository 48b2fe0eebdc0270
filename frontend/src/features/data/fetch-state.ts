/** What is said of a fetch beside its state. */
import type { Fetch } from '@/api/types';
import { count, duration } from '@/lib/format';
import { dateTime } from '@/lib/format-time';

/** Rate and time left, as far as they are known. */
export function pace({ rows_per_s: rate, eta_s: left }: Pick<Fetch, 'rows_per_s' | 'eta_s'>): string {
  const parts = [rate === null ? '' : `${count(rate)} rows/s`, left === null ? '' : `${duration(left)} left`];
  return parts.filter(Boolean).join(', ') || 'waiting for the first page';
}

/** What a fetch under way is at: its wait for a provider, or its pace. */
export function doing(fetch: Pick<Fetch, 'state' | 'message' | 'waits_until' | 'rows_per_s' | 'eta_s'>): string {
  if (fetch.state === 'waiting' && fetch.waits_until) return `until ${dateTime(fetch.waits_until, 'UTC')}`;
  return fetch.message.startsWith('waiting ') && fetch.state === 'running' ? `${fetch.message}${fetch.eta_s === null ? '' : `, ${duration(fetch.eta_s)} left`}` : pace(fetch);
}

/** The first symbols by name, and how many more there are. */
export function named({ first_symbols: first, symbols_total: total }: Pick<Fetch, 'first_symbols' | 'symbols_total'>): string {
  const more = total - first.length;
  return more > 0 ? `${first.join(', ')} +${count(more)}` : first.join(', ');
}

/** Only symbols that failed or were cancelled are asked for again. */
export function canRetry({ state, symbols_failed: failed }: Pick<Fetch, 'state' | 'symbols_failed'>): boolean {
  return state === 'cancelled' || state === 'failed' || state === 'partly' || failed > 0;
}
