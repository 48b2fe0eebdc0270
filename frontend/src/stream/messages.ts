/** Messages of /v1/stream, as docs/contracts/websocket.md gives them. */
import type { Job, MarketClock, Order, OrderEvent, Quote, TradingStatus } from '@/api/types';

export interface StreamOrderEvent extends OrderEvent {
  readonly order: Order;
}

export type ServerMessage =
  | { readonly type: 'welcome'; readonly connection_id: string; readonly heartbeat_s: number; readonly server_time: string }
  | { readonly type: 'market'; readonly mode: MarketClock['mode']; readonly market_time: string | null; readonly speed: number }
  | { readonly type: 'quotes'; readonly seq: number; readonly quotes: readonly Omit<Quote, 'source'>[] }
  | { readonly type: 'status'; readonly statuses: readonly TradingStatus[] }
  | {
      readonly type: 'orders';
      readonly account_id: string;
      readonly from_seq: number;
      readonly to_seq: number;
      readonly events: readonly StreamOrderEvent[];
    }
  | { readonly type: 'portfolio'; readonly account_id: string }
  | { readonly type: 'jobs'; readonly jobs: readonly Job[] }
  | { readonly type: 'alerts'; readonly from_seq: number; readonly to_seq: number; readonly alerts: readonly unknown[] }
  | { readonly type: 'heartbeat'; readonly server_time: string }
  | { readonly type: 'pong'; readonly id: string }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

export type ClientMessage =
  | { readonly op: 'subscribe' | 'unsubscribe'; readonly channel: 'quotes' | 'status'; readonly symbols: readonly string[] }
  | { readonly op: 'subscribe'; readonly channel: 'orders'; readonly after?: Readonly<Record<string, number>> }
  | { readonly op: 'subscribe'; readonly channel: 'jobs' | 'alerts' }
  | { readonly op: 'ping'; readonly id: string };

/** The message, or null for text that is none. */
export function parseMessage(text: unknown): ServerMessage | null {
  if (typeof text !== 'string') return null;
  try {
    const message: unknown = JSON.parse(text);
    const known = typeof message === 'object' && message !== null && 'type' in message;
    return known ? (message as ServerMessage) : null;
  } catch {
    return null;
  }
}
