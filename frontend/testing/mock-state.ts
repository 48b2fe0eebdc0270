/** What the mock server answers. It knows no rules: it exists to look at the pages, not to test the platform. */
import * as fx from '../src/testing/fixtures.ts';
import { alerts } from '../src/testing/alert-fixtures.ts';
import { repair, REPAIR_ID } from '../src/testing/quality-fixtures.ts';
import type { Order, OrderDetail } from '../src/api/types.ts';

const checks: Order['checks'] = [
  { name: 'instrument', passed: true, limit: 'known and quoted', found: 'AAPL', message: '' },
  { name: 'quantity', passed: true, limit: '10000', found: '10', message: '' },
  { name: 'notional', passed: true, limit: '50000', found: '4310', message: '' },
  { name: 'buying_power', passed: true, limit: '51635.35', found: '4311.2', message: '' },
  { name: 'price_collar', passed: true, limit: '5 %', found: '0.03 %', message: '' },
  { name: 'stale_quote', passed: true, limit: '120 s', found: '1 s', message: '' },
  { name: 'symbol_halted', passed: true, limit: 'no market order in a halt', found: 'trading goes on', message: '' },
  { name: 'account_state', passed: true, limit: 'active', found: 'active', message: '' },
];

export const state = {
  alerts: alerts(),
  repairs: [repair(), repair({ id: `${REPAIR_ID.slice(0, -1)}2`, time: '2011-05-12T00:00:00Z', found: { open: 34_611, high: 34_712, low: 34_205, close: 34_657, volume: 16_537_400 }, proposed: { open: 346.11, high: 347.12, low: 342.05, close: 346.57, volume: 16_537_400 } })],
  signedIn: true,
  account: { ...fx.account },
  orders: [
    fx.order({ id: `${fx.ORDER_ID}a`, status: 'partially_filled', filled_quantity: '4', average_fill_price: '430.98', checks }),
    fx.order({ id: `${fx.ORDER_ID}b`, symbol: 'IBM', side: 'sell', quantity: '40', order_type: 'market', limit_price: null, status: 'filled', filled_quantity: '40', average_fill_price: '201.5', checks }),
    fx.order({ id: `${fx.ORDER_ID}c`, symbol: 'MSFT', quantity: '90000', status: 'denied', reason: 'Notional 2,515,500 is above the limit of 50,000.', checks: checks.map((check) => (check.name === 'notional' ? { ...check, passed: false, found: '2515500', message: 'Notional 2,515,500 is above the limit of 50,000.' } : check)) }),
  ] as Order[],
};

export const HALTED = { symbol: 'IBM', halted: true, code: 'H', reason: 'Halt News Pending', status_time: '2013-02-21T16:19:00Z', lower: null, upper: null, bands_time: null, received_at: '2013-02-21T16:19:00Z', source: 'mock' };

const WAITS = 'Trading in IBM is halted (Halt News Pending). The order waits until trading resumes, and then meets the market of that moment.';
const REFUSED = 'Trading in IBM is halted (Halt News Pending). A market order is refused until trading resumes; place a limit order, or wait for that.';

/** The checks on an order of the halted symbol, or of another one. */
export function checksFor(symbol: unknown, orderType: unknown): Order['checks'] {
  if (symbol !== HALTED.symbol) return checks;
  const passed = orderType === 'limit';
  return checks.map((check) => (check.name === 'symbol_halted' ? { ...check, passed, found: 'halted', message: passed ? WAITS : REFUSED } : check));
}

export const checksOf = (): Order['checks'] => checks;

export function detail(id: string): OrderDetail | null {
  const order = state.orders.find((item) => item.id === id);
  return order ? fx.orderDetail(order) : null;
}

const DAY = 86_400_000;

export function bars(symbol: string) {
  const base = symbol === 'AAPL' ? 400 : symbol === 'IBM' ? 200 : 30;
  return Array.from({ length: 400 }, (_, index) => {
    const close = base * (1 + fx.wave(index) * 0.05 + index * 0.0003);
    const open = base * (1 + fx.wave(index - 0.6) * 0.05 + index * 0.0003);
    return {
      time: new Date(Date.parse('2012-01-18T00:00:00Z') + index * DAY).toISOString(),
      open,
      close,
      high: Math.max(open, close) * 1.006,
      low: Math.min(open, close) * 0.994,
      volume: 1e6 * (2 + fx.wave(index * 1.7)),
    };
  });
}

export function equity() {
  return Array.from({ length: 300 }, (_, index) => {
    const value = (100_000 + index * 1.2 + fx.wave(index) * 380).toFixed(2);
    return { market_time: new Date(Date.parse('2013-02-21T14:30:00Z') + index * 60_000).toISOString(), wall_time: '2026-11-22T12:00:00Z', cash: '55945.35', positions_value: '44428', equity: value };
  });
}
