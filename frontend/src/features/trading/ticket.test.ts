import { expect, test } from 'vitest';
import { EMPTY_TICKET, toRequest, validateTicket } from './ticket';

const draft = { ...EMPTY_TICKET, symbol: 'AAPL', quantity: '10' };

test('a market order needs a symbol and a quantity', () => {
  expect(validateTicket(draft)).toEqual({});
  expect(validateTicket({ ...draft, symbol: '', quantity: '' })).toEqual({ symbol: 'Choose a symbol.', quantity: 'Enter a quantity.' });
});

test.each(['-1', '0', '0.00', 'ten', '1e3', '1,000'])('%s is no quantity', (quantity) => {
  expect(validateTicket({ ...draft, quantity }).quantity).toBeTruthy();
});

test('a limit order needs a price, a market order sends none', () => {
  expect(validateTicket({ ...draft, orderType: 'limit' }).limitPrice).toBe('Enter a limit price.');
  expect(toRequest({ ...draft, limitPrice: '9' }, 'id').limit_price).toBeNull();
  expect(toRequest({ ...draft, orderType: 'limit', limitPrice: ' 431.10 ', quantity: ' 0.1 ' }, 'id')).toMatchObject({ limit_price: '431.10', quantity: '0.1', client_order_id: 'id' });
});
