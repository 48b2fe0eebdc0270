/** What the connection pill shows. */
import { createStore, useStore } from '@/lib/store';
import type { LinkState } from './connection';

export interface StreamStatus {
  readonly link: LinkState;
  /** Wall time in milliseconds of the last message that carried market data. */
  readonly lastDataAt: number | null;
}

export type Health = 'connecting' | 'live' | 'stale' | 'down';

const STALE_AFTER_MS = 10_000;
const STALE_QUOTE_WALL_S = 30;

export const streamStatus = createStore<StreamStatus>({ link: 'idle', lastDataAt: null });

export function setLink(link: LinkState): void {
  streamStatus.set({ ...streamStatus.get(), link });
}

export function noteData(now: number): void {
  streamStatus.set({ ...streamStatus.get(), lastDataAt: now });
}

export function healthOf({ link, lastDataAt }: StreamStatus, now: number): Health {
  if (link === 'down' || link === 'refused') return 'down';
  if (link !== 'open') return 'connecting';
  if (lastDataAt === null) return 'connecting';
  return now - lastDataAt > STALE_AFTER_MS ? 'stale' : 'live';
}

/** A quote is stale by market time: `speed` market seconds pass in one wall second of a replay. */
export function isStale(quoteTime: string, marketTime: string | null | undefined, speed: number): boolean {
  if (!marketTime) return false;
  const ageS = (Date.parse(marketTime) - Date.parse(quoteTime)) / 1000;
  return ageS > STALE_QUOTE_WALL_S * Math.max(1, speed);
}

export function useStreamStatus(): StreamStatus {
  return useStore(streamStatus);
}
