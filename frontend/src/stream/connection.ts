/** One WebSocket that heals itself: back-off, heartbeat watch, subscriptions and order resume after a reconnect. */
import { type ClientMessage, parseMessage, type ServerMessage } from './messages';

export type LinkState = 'idle' | 'connecting' | 'open' | 'down' | 'refused';

/** The part of a WebSocket that is used here; tests bring their own. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send: (text: string) => void;
  close: (code?: number) => void;
}

export interface ConnectionOptions {
  readonly open: () => Socket;
  readonly onMessage: (message: ServerMessage) => void;
  readonly onState: (state: LinkState) => void;
  /** The server wants a new sign-in (4401): resolves to true when it may be tried again. */
  readonly onUnauthenticated: () => Promise<boolean>;
  readonly random?: () => number;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;
const MISSED_HEARTBEATS = 2.5;
const UNAUTHENTICATED = 4401;
const WRONG_ORIGIN = 4403;

export class StreamConnection {
  private readonly options: ConnectionOptions;
  private readonly symbols = new Map<string, number>();
  private readonly lastSeq = new Map<string, number>();
  private socket: Socket | null = null;
  private attempt = 0;
  private heartbeatMs = 15_000;
  private retryTimer: ReturnType<typeof setTimeout> | null = null;
  private watchdog: ReturnType<typeof setTimeout> | null = null;

  constructor(options: ConnectionOptions) {
    this.options = options;
  }

  start(): void {
    if (this.socket || this.retryTimer) return;
    this.connect();
  }

  stop(): void {
    this.clearTimers();
    this.detach(1000);
    this.attempt = 0;
    this.options.onState('idle');
  }

  /** Tries at once, such as when the network or the page comes back. */
  wake(): void {
    if (!this.retryTimer) return;
    this.clearTimers();
    this.connect();
  }

  /** Counts its holders: the same symbol may be watched by several widgets. Returns what ends it. */
  watch(symbols: readonly string[]): () => void {
    const fresh = symbols.filter((symbol) => !this.symbols.has(symbol));
    for (const symbol of symbols) this.symbols.set(symbol, (this.symbols.get(symbol) ?? 0) + 1);
    if (fresh.length) this.ask('subscribe', fresh);
    return () => this.unwatch(symbols);
  }

  private unwatch(symbols: readonly string[]): void {
    const gone: string[] = [];
    for (const symbol of symbols) {
      const left = (this.symbols.get(symbol) ?? 1) - 1;
      if (left > 0) this.symbols.set(symbol, left);
      else if (this.symbols.delete(symbol)) gone.push(symbol);
    }
    if (gone.length) this.ask('unsubscribe', gone);
  }

  /** Whoever watches a price wants to know of a halt as well. */
  private ask(op: 'subscribe' | 'unsubscribe', symbols: readonly string[]): void {
    for (const channel of ['quotes', 'status'] as const) this.send({ op, channel, symbols });
  }

  private connect(): void {
    this.options.onState('connecting');
    const socket = this.options.open();
    this.socket = socket;
    this.expectTraffic(CONNECT_TIMEOUT_MS);
    socket.onopen = () => this.resubscribe();
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = (event) => void this.closed(event.code);
  }

  private resubscribe(): void {
    this.options.onState('open');
    if (this.symbols.size) this.ask('subscribe', [...this.symbols.keys()]);
    const after = Object.fromEntries(this.lastSeq);
    this.send({ op: 'subscribe', channel: 'orders', ...(this.lastSeq.size ? { after } : {}) });
    this.send({ op: 'subscribe', channel: 'jobs' });
    this.send({ op: 'subscribe', channel: 'alerts' });
  }

  private receive(data: unknown): void {
    const message = parseMessage(data);
    if (!message) return;
    if (message.type === 'welcome') {
      this.attempt = 0;
      this.heartbeatMs = message.heartbeat_s * 1000;
    }
    if (message.type === 'orders') {
      this.lastSeq.set(message.account_id, Math.max(message.to_seq, this.lastSeq.get(message.account_id) ?? 0));
    }
    this.expectTraffic(this.heartbeatMs * MISSED_HEARTBEATS);
    this.options.onMessage(message);
  }

  private async closed(code: number): Promise<void> {
    this.socket = null;
    this.clearTimers();
    if (code === WRONG_ORIGIN) {
      this.options.onState('refused');
      return;
    }
    // An access token that ran out closes the line as planned: that is no outage.
    this.options.onState(code === UNAUTHENTICATED ? 'connecting' : 'down');
    if (code === UNAUTHENTICATED && !(await this.options.onUnauthenticated())) {
      this.options.onState('refused');
      return;
    }
    this.retry();
  }

  private retry(): void {
    const random = this.options.random ?? Math.random;
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempt);
    this.attempt += 1;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = null;
      this.connect();
    }, longest * (0.5 + random() / 2));
  }

  /** Nothing heard for that long means that the line is dead, whatever the socket says. */
  private expectTraffic(withinMs: number): void {
    if (this.watchdog) clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => {
      this.detach(4000);
      void this.closed(4000);
    }, withinMs);
  }

  private detach(code: number): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code);
  }

  private clearTimers(): void {
    if (this.retryTimer) clearTimeout(this.retryTimer);
    if (this.watchdog) clearTimeout(this.watchdog);
    this.retryTimer = null;
    this.watchdog = null;
  }

  private send(message: ClientMessage): void {
    try {
      this.socket?.send(JSON.stringify(message));
    } catch {
      // Not open yet: everything is subscribed anew in resubscribe().
    }
  }
}
