import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type LinkState, type Socket, StreamConnection } from './connection';
import type { ServerMessage } from './messages';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: unknown[] = [];
  closedWith: number | undefined;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code?: number): void {
    this.closedWith = code;
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const WELCOME = { type: 'welcome', connection_id: 'c', heartbeat_s: 15, server_time: '2026-11-22T12:00:00Z' };
let sockets: FakeSocket[];
let states: LinkState[];
let heard: ServerMessage[];
let mayReturn: boolean;

function connection(): StreamConnection {
  return new StreamConnection({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    onMessage: (message) => heard.push(message),
    onState: (state) => states.push(state),
    onUnauthenticated: () => Promise.resolve(mayReturn),
    random: () => 1,
  });
}

const at = (index: number): FakeSocket => {
  const socket = sockets.at(index);
  if (!socket) throw new Error(`no socket ${index}`);
  return socket;
};

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  states = [];
  heard = [];
  mayReturn = true;
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the live connection', () => {
  test('asks for orders and alerts from now and for jobs when it opens', () => {
    connection().start();
    at(0).onopen?.();
    expect(at(0).sent).toEqual([
      { op: 'subscribe', channel: 'orders' },
      { op: 'subscribe', channel: 'jobs' },
      { op: 'subscribe', channel: 'alerts' },
    ]);
    expect(states).toEqual(['connecting', 'open']);
  });

  test('after a loss it resumes the orders it has not seen', async () => {
    connection().start();
    at(0).onopen?.();
    at(0).say({ type: 'orders', account_id: 'acc', from_seq: 4, to_seq: 7, events: [] });
    at(0).onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(500);
    at(1).onopen?.();
    expect(at(1).sent).toContainEqual({ op: 'subscribe', channel: 'orders', after: { acc: 7 } });
  });

  test('waits twice as long after each failure, and briefly again after a success', async () => {
    connection().start();
    for (const wait of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
      const tries = sockets.length;
      at(-1).onclose?.({ code: 1006 });
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(sockets).toHaveLength(tries);
      await vi.advanceTimersByTimeAsync(1);
      expect(sockets).toHaveLength(tries + 1);
    }
    at(-1).onopen?.();
    at(-1).say(WELCOME);
    const tries = sockets.length;
    at(-1).onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(tries + 1);
  });

  test('a silent line is dropped although the socket calls itself open', async () => {
    connection().start();
    at(0).onopen?.();
    at(0).say(WELCOME);
    await vi.advanceTimersByTimeAsync(15_000 * 2.5);
    expect(at(0).closedWith).toBe(4000);
    expect(states.at(-1)).toBe('down');
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
  });

  test('an expired token is no outage: it renews and comes back', async () => {
    connection().start();
    at(0).onclose?.({ code: 4401 });
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
    expect(states).not.toContain('down');
  });

  test('it stays away when the session cannot be renewed, or the origin is refused', async () => {
    mayReturn = false;
    connection().start();
    at(0).onclose?.({ code: 4401 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states.at(-1)).toBe('refused');
    connection().start();
    at(1).onclose?.({ code: 4403 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(2);
  });

  test('a symbol is subscribed once and left with its last watcher', () => {
    const line = connection();
    line.start();
    at(0).onopen?.();
    at(0).sent = [];
    const first = line.watch(['AAPL']);
    const second = line.watch(['AAPL', 'IBM']);
    first();
    second();
    const told = (channel: string): unknown[] => at(0).sent.filter((message) => (message as { channel: string }).channel === channel);
    expect(told('status')).toHaveLength(3);
    expect(told('quotes')).toEqual([
      { op: 'subscribe', channel: 'quotes', symbols: ['AAPL'] },
      { op: 'subscribe', channel: 'quotes', symbols: ['IBM'] },
      { op: 'unsubscribe', channel: 'quotes', symbols: ['AAPL', 'IBM'] },
    ]);
  });

  test('noise is ignored', () => {
    connection().start();
    at(0).onmessage?.({ data: 'not json' });
    at(0).onmessage?.({ data: '[]' });
    at(0).onmessage?.({ data: new Blob() });
    expect(heard).toEqual([]);
  });
});
