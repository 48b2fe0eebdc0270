import type { ReactNode } from 'react';
import { words } from '@/lib/format';
import { Badge, type Tone } from './badge';

const TONES: Readonly<Record<string, Tone>> = {
  filled: 'ok',
  partially_filled: 'accent',
  new: 'accent',
  pending_new: 'plain',
  pending_cancel: 'warn',
  canceled: 'plain',
  expired: 'plain',
  rejected: 'danger',
  denied: 'danger',
  succeeded: 'ok',
  running: 'accent',
  queued: 'plain',
  waiting: 'warn',
  partly: 'warn',
  failed: 'danger',
  cancelled: 'plain',
};

/** The status of an order or a job, in words and colour. */
export function StatusBadge({ status }: { readonly status: string }): ReactNode {
  return <Badge tone={TONES[status] ?? 'plain'}>{words(status)}</Badge>;
}
