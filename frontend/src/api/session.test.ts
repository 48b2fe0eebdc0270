import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { me, order } from '@/testing/fixtures';
import { API, server } from '@/testing/server';
import { client } from './client';
import { unwrap } from './errors';
import { renewIn, restore, session, signIn } from './session';

const refused = () => HttpResponse.json({ error: { code: 'not_authenticated', message: 'sign in first' } }, { status: 401 });
const cancel = () => unwrap(client.POST('/v1/orders/{order_id}/cancel', { params: { path: { order_id: 'o1' } } }));

beforeEach(() => session.set({ status: 'signed-in', me }));

describe('an expired access token', () => {
  test('is renewed once and the request is repeated with the new CSRF token', async () => {
    const tokens: (string | null)[] = [];
    server.use(
      http.post(`${API}/orders/o1/cancel`, ({ request }) => {
        tokens.push(request.headers.get('X-CSRF-Token'));
        return tokens.length === 1 ? refused() : HttpResponse.json(order(), { status: 202 });
      }),
      http.get(`${API}/auth/me`, refused),
      http.post(`${API}/auth/refresh`, () => HttpResponse.json({ ...me, csrf_token: 'fresh' })),
    );
    await expect(cancel()).resolves.toMatchObject({ symbol: 'AAPL' });
    expect(tokens).toEqual([me.csrf_token, 'fresh']);
  });

  test('that cannot be renewed ends the session, and says so', async () => {
    server.use(http.post(`${API}/orders/o1/cancel`, refused), http.get(`${API}/auth/me`, refused), http.post(`${API}/auth/refresh`, refused));
    await expect(cancel()).rejects.toMatchObject({ status: 401, code: 'not_authenticated' });
    expect(session.get()).toEqual({ status: 'signed-out', expired: true });
  });

  test('is renewed by one request although several fail at once: the refresh token rotates', async () => {
    let renewals = 0;
    let renewed = false;
    server.use(
      http.post(`${API}/orders/o1/cancel`, () => (renewed ? HttpResponse.json(order()) : refused())),
      http.get(`${API}/auth/me`, refused),
      http.post(`${API}/auth/refresh`, () => {
        renewals += 1;
        renewed = true;
        return HttpResponse.json(me);
      }),
    );
    await Promise.all([cancel(), cancel(), cancel()]);
    expect(renewals).toBe(1);
  });
});

test('a server that cannot be reached is told apart from a refusal', async () => {
  server.use(http.post(`${API}/orders/o1/cancel`, () => HttpResponse.error()));
  await expect(cancel()).rejects.toMatchObject({ status: 0, code: 'unreachable' });
  expect(session.get().status).toBe('signed-in');
});

test('a first visit asks nothing; a later one finds the session again', async () => {
  localStorage.clear();
  await restore();
  expect(session.get()).toEqual({ status: 'signed-out', expired: false });
  server.use(http.post(`${API}/auth/login`, () => HttpResponse.json(me)), http.get(`${API}/auth/me`, () => HttpResponse.json(me)));
  await signIn('admin@localhost', 'right');
  session.set({ status: 'unknown' });
  await restore();
  expect(session.get()).toMatchObject({ status: 'signed-in', me: { user: { role: 'admin' } } });
});

test('renewal comes a minute before the end, and never in a tight loop', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  expect(renewIn({ ...me, expires_at: '2026-11-22T12:15:00Z' }, now)).toBe(14 * 60_000);
  expect(renewIn({ ...me, expires_at: '2026-11-22T12:00:01Z' }, now)).toBe(5_000);
  expect(renewIn({ ...me, expires_at: null }, now)).toBeNull();
});
