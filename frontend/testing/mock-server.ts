/**
 * Serves dist/ under the product's content security policy, with a made-up API and a live socket.
 *
 *   npm run build && npm run mock        http://127.0.0.1:8099, any password
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { comparison } from '../src/testing/comparison-fixture.ts';
import * as dx from '../src/testing/detail-fixtures.ts';
import * as fx from '../src/testing/fixtures.ts';
import * as qx from '../src/testing/quality-fixtures.ts';
import { bars, checksFor, checksOf, detail, equity, HALTED, state } from './mock-state.ts';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const PORT = Number(process.env['PORT'] ?? 8099);
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const TYPES: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

type Handler = (match: RegExpMatchArray, query: URLSearchParams, body: Record<string, unknown>) => [number, unknown];
const page = (items: unknown) => ({ items, next_cursor: null });
const missing: [number, unknown] = [404, { error: { code: 'not_found', message: 'There is no such thing here.' } }];

const routes: [string, RegExp, Handler][] = [
  ['GET', /^auth\/me$/, () => (state.signedIn ? [200, fx.me] : [401, { error: { code: 'not_authenticated', message: 'Sign in.' } }])],
  ['POST', /^auth\/refresh$/, () => [401, { error: { code: 'not_authenticated', message: 'Sign in.' } }]],
  ['POST', /^auth\/login$/, (_m, _q, body) => {
    if (body['password'] === 'wrong') return [401, { error: { code: 'not_authenticated', message: 'No.' } }];
    state.signedIn = true;
    return [200, fx.me];
  }],
  ['POST', /^auth\/logout$/, () => {
    state.signedIn = false;
    return [204, null];
  }],
  ['GET', /^data\/symbols$/, (_m, query) => [200, page(fx.symbols.filter((item) => `${item.symbol} ${item.name}`.toLowerCase().includes((query.get('query') ?? '').toLowerCase())))]],
  ['GET', /^data\/symbols\/([^/]+)$/, (match) => [200, qx.facts({ symbol: match[1] ?? '' })]],
  ['GET', /^data\/exchanges$/, () => [200, qx.exchanges]],
  ['GET', /^data\/quality\/([^/]+)$/, (match) => [200, qx.report({ symbol: match[1] ?? '' })]],
  ['POST', /^data\/quality\/([^/]+)\/repairs$/, () => [200, { proposed: 0 }]],
  ['GET', /^data\/repairs$/, () => [200, page(state.repairs)]],
  ['POST', /^data\/repairs\/([^/]+)\/(accept|reject)$/, (match) => {
    state.repairs = state.repairs.filter((item) => item.id !== match[1]);
    return [200, { id: match[1], state: `${match[2]}ed` }];
  }],
  ['GET', /^data\/fetches$/, () => [200, page([qx.fetchJob({ id: 'running', name: 'Minutes of four large stocks', state: 'running', progress: 0.4, rows_per_s: 5210, eta_s: 75, symbols_done: 1 }), qx.fetchJob({ id: 'waiting', name: 'Twenty years of a hundred stocks', state: 'waiting', progress: 0.3, waits_until: '2026-11-29T09:12:00Z', message: "Alpha Vantage's plan allows 25 calls a day, which are used up" }), { ...qx.fetchDetail({ id: 'failed', message: '1 of 2 symbols failed' }), symbols: undefined }])]],
  ['GET', /^data\/fetches\/([^/]+)$/, (match) => [200, qx.fetchDetail({ id: match[1] ?? '' })]],
  ['POST', /^data\/fetches$/, () => [202, qx.fetchJob({ id: 'running', state: 'queued' })]],
  ['POST', /^data\/fetches\/([^/]+)\/(cancel|retry)$/, () => [202, qx.fetchJob()]],
  ['GET', /^alerts$/, (_m, query) => {
    const unseen = state.alerts.filter((item) => !item.acknowledged);
    const items = (query.get('unseen') === 'true' ? unseen : state.alerts).filter((item) => !query.get('severity') || item.severity === query.get('severity'));
    return [200, { ...page(items), unseen: unseen.length }];
  }],
  ['POST', /^alerts\/(\d+)\/acknowledge$/, (match) => {
    state.alerts = state.alerts.map((item) => (item.id === Number(match[1]) ? { ...item, acknowledged: true } : item));
    return [200, state.alerts.find((item) => item.id === Number(match[1]))];
  }],
  ['POST', /^alerts\/acknowledge$/, (_m, _q, body) => {
    state.alerts = state.alerts.map((item) => (item.id <= Number(body['id']) ? { ...item, acknowledged: true } : item));
    return [200, { acknowledged: 1, unseen: 0 }];
  }],
  ['GET', /^data\/quarantine$/, () => [200, page(qx.quarantined)]],
  ['GET', /^data\/ingestions$/, () => [200, page([qx.ingestion({ state: 'running', filename: 'minutes-2013.csv.gz', bar_size: '1m', finished_at: null, id: 'running' }), qx.ingestion()])]],
  ['GET', /^data\/clock$/, () => [200, { mode: 'replay', market_time: '2013-02-21T16:20:00Z', speed: 60, updated_at: new Date().toISOString() }]],
  ['GET', /^data\/bars$/, (_m, query) => [200, { symbol: query.get('symbol'), bar_size: '1d', adjustment: 'split', bars: bars(query.get('symbol') ?? ''), next_cursor: null }]],
  ['GET', /^data\/coverage$/, (_m, query) => [200, (query.get('symbols') ?? '').split(',').map(fx.coverage)]],
  ['GET', /^analysis\/jobs$/, () => [200, page(fx.jobs)]],
  ['GET', /^analysis\/compare$/, () => [200, comparison()]],
  ['POST', /^analysis\/jobs$/, () => [202, fx.jobs[0]]],
  ['GET', /^analysis\/jobs\/([^/]+)$/, (match) => {
    const job = fx.jobs.find((item) => item.id === match[1]);
    return job ? [200, job] : missing;
  }],
  ['GET', /^analysis\/jobs\/([^/]+)\/result$/, (match) => [200, match[1] === fx.EMPTY_JOB ? fx.emptyResult : fx.result()]],
  ['GET', /^analysis\/jobs\/([^/]+)\/details$/, (match) => [200, match[1] === fx.EMPTY_JOB ? dx.details({ links: [] }) : dx.details()]],
  ['GET', /^analysis\/jobs\/([^/]+)\/local$/, (_m, query) => [200, dx.local(query.get('source') ?? '', query.get('target') ?? '')]],
  ['GET', /^analysis\/jobs\/([^/]+)\/windows$/, () => [200, dx.windows()]],
  ['GET', /^orders\/limits$/, () => [200, { max_quantity: '1000000', max_notional: '1000000', price_collar: 0.1, max_quote_age_s: 60, orders_in_halt: 'limit' }]],
  ['POST', /^orders\/preview$/, (_m, _q, body) => {
    const checks = checksFor(body['symbol'], body['order_type']);
    return [200, { allowed: checks.every((check) => check.passed), notional: '4310', estimated_fee: '1.2', buying_power: '51635.35', buying_power_after: '47324.15', reference_price: '431', checks }];
  }],
  ['POST', /^orders\/signal$/, () => [200, { planned: [{ symbol: 'X1', side: 'buy', quantity: '31', weight: 0.4, current_quantity: '0', reference_price: '128.4', notional: '3980.4' }, { symbol: 'X4', side: 'sell', quantity: '28', weight: -0.35, current_quantity: '0', reference_price: '124.1', notional: '3474.8' }], skipped: { X2: 'no quote' }, orders: [] }]],
  ['POST', /^orders\/trading-state$/, (_m, _q, body) => {
    state.account = { ...state.account, state: body['state'] as 'halted', state_reason: String(body['reason']) };
    return [200, { account_id: fx.ACCOUNT_ID, state: body['state'], reason: body['reason'], cancels_requested: 1 }];
  }],
  ['POST', /^orders$/, (_m, _q, body) => {
    const order = fx.order({ ...body, id: `${fx.ORDER_ID}${state.orders.length}`, status: 'pending_new', checks: checksOf(), submitted_at: new Date().toISOString() });
    state.orders.unshift(order);
    return [201, order];
  }],
  ['GET', /^orders$/, (_m, query) => [200, page(state.orders.filter((item) => query.get('status') !== 'open' || item.status.startsWith('p')))]],
  ['GET', /^orders\/([^/]+)$/, (match) => {
    const found = detail(match[1] ?? '');
    return found ? [200, found] : missing;
  }],
  ['POST', /^orders\/([^/]+)\/cancel$/, (match) => [202, fx.order({ id: match[1] ?? '', status: 'pending_cancel' })]],
  ['GET', /^portfolio\/accounts$/, () => [200, [state.account]]],
  ['GET', /^portfolio\/summary$/, () => [200, { ...fx.summary, account: state.account }]],
  ['GET', /^portfolio\/positions$/, () => [200, fx.positions]],
  ['GET', /^portfolio\/equity$/, () => [200, equity()]],
  ['GET', /^portfolio\/executions$/, () => [200, page([fx.execution, { ...fx.execution, execution_id: 'P-2', symbol: 'IBM', side: 'sell', quantity: '40', price: '201.5' }])]],
];

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

async function answerApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const path = url.pathname.replace('/v1/', '');
  const body = await bodyOf(request);
  for (const [method, pattern, handler] of routes) {
    const match = method === request.method ? path.match(pattern) : null;
    if (!match) continue;
    const [status, answer] = handler(match, url.searchParams, body);
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(answer === null ? undefined : JSON.stringify(answer));
    return;
  }
  response.writeHead(404, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(missing[1]));
}

async function answerFile(response: ServerResponse, pathname: string): Promise<void> {
  const path = normalize(pathname);
  const name = extname(path) ? path : '/index.html';
  try {
    const content = await readFile(join(DIST, name));
    response.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': POLICY });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  void (url.pathname.startsWith('/v1/') ? answerApi(request, response, url) : answerFile(response, url.pathname));
});

const sockets = new WebSocketServer({ server, path: '/v1/stream' });
sockets.on('connection', (socket) => {
  const watched = new Set<string>();
  let tick = 0;
  const send = (message: object): void => socket.send(JSON.stringify(message));
  const now = (): string => new Date(Date.parse('2013-02-21T16:20:00Z') + tick * 60_000).toISOString();
  send({ type: 'welcome', connection_id: 'mock', heartbeat_s: 5, server_time: new Date().toISOString() });
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { op: string; channel: string; symbols?: string[] };
    if (message.channel === 'status' && message.op === 'subscribe' && message.symbols?.includes(HALTED.symbol)) send({ type: 'status', statuses: [HALTED] });
    if (message.channel !== 'quotes') return;
    for (const symbol of message.symbols ?? []) watched[message.op === 'subscribe' ? 'add' : 'delete'](symbol);
  });
  const timer = setInterval(() => {
    tick += 1;
    send({ type: 'market', mode: 'replay', market_time: now(), speed: 60 });
    const quotes = [...watched].map((symbol) => {
      const last = (bars(symbol).at(-1)?.close ?? 1) * (1 + fx.wave(tick + symbol.length) * 0.002);
      return fx.quote(symbol, { last: last.toFixed(2), bid: (last - 0.03).toFixed(2), ask: (last + 0.03).toFixed(2), market_time: symbol === 'GOOG' ? '2013-02-21T14:20:00Z' : now() });
    });
    if (quotes.length) send({ type: 'quotes', seq: tick, quotes });
  }, 500);
  socket.on('close', () => clearInterval(timer));
});

server.listen(PORT, '127.0.0.1', () => console.log(`mock server on http://127.0.0.1:${PORT}`));
