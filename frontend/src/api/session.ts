/** Who is signed in. Tokens live in httpOnly cookies; only the CSRF token and the expiry are known here. */
import { createStore, useStore } from '@/lib/store';
import { ApiError, unreachable } from './errors';
import type { Me, Role } from './types';

export type Session =
  | { readonly status: 'unknown' }
  | { readonly status: 'unreachable' }
  | { readonly status: 'signed-out'; readonly expired: boolean }
  | { readonly status: 'signed-in'; readonly me: Me };

export const session = createStore<Session>({ status: 'unknown' });

const RENEW_BEFORE_MS = 60_000;
const ROLES: readonly Role[] = ['viewer', 'analyst', 'trader', 'admin'];

export function csrfHeaders(): Record<string, string> {
  const now = session.get();
  return now.status === 'signed-in' ? { 'X-CSRF-Token': now.me.csrf_token } : {};
}

async function call(method: 'GET' | 'POST', path: string, body?: object): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...csrfHeaders() };
  if (body) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(new URL(path, window.location.origin), {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      credentials: 'same-origin',
    });
  } catch {
    throw unreachable();
  }
}

async function fail(response: Response): Promise<never> {
  const body = (await response.json().catch(() => ({}))) as { error?: object };
  const retryAfter = Number(response.headers.get('Retry-After'));
  throw new ApiError(response.status, body.error ?? {}, retryAfter > 0 ? retryAfter : null);
}

const HINT = 'causeway.signed-in';

/** Whether this browser was signed in, so that a first visit asks nothing that can only be refused. No secret. */
const hint = {
  read: (): boolean => {
    try {
      return localStorage.getItem(HINT) !== null;
    } catch {
      return true;
    }
  },
  write: (signedIn: boolean): void => {
    try {
      if (signedIn) localStorage.setItem(HINT, '1');
      else localStorage.removeItem(HINT);
    } catch {
      // Without storage the server is always asked.
    }
  },
};

function accept(me: Me): void {
  hint.write(true);
  session.set({ status: 'signed-in', me });
}

function leave(expired: boolean): void {
  hint.write(false);
  session.set({ status: 'signed-out', expired });
}

async function readMe(): Promise<boolean> {
  const response = await call('GET', '/v1/auth/me');
  if (response.status === 401 || response.status === 403) return false;
  if (!response.ok) return fail(response);
  accept((await response.json()) as Me);
  return true;
}

async function rotate(): Promise<boolean> {
  const response = await call('POST', '/v1/auth/refresh', {});
  if (response.status >= 400 && response.status < 500 && response.status !== 429) return false;
  if (!response.ok) return fail(response);
  const { user, csrf_token, expires_at } = (await response.json()) as Me;
  accept({ user, csrf_token, expires_at });
  return true;
}

/** One tab at a time: the refresh token rotates, and a second use of the old one would end the session. */
async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  if (!('locks' in navigator)) return work();
  return navigator.locks.request('causeway-session', work) as Promise<T>;
}

let renewing: Promise<boolean> | null = null;

/** Renews the session; false when the user has to sign in again. Another tab may already have renewed it. */
export function renew(force = false): Promise<boolean> {
  renewing ??= exclusively(async () => (!force && (await readMe())) || (await rotate()))
    .then((renewed) => {
      if (!renewed) leave(session.get().status === 'signed-in');
      return renewed;
    })
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

/** Called once when the page loads. */
export async function restore(): Promise<void> {
  if (!hint.read()) {
    session.set({ status: 'signed-out', expired: false });
    return;
  }
  try {
    await renew();
  } catch {
    session.set({ status: 'unreachable' });
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  const response = await call('POST', '/v1/auth/login', { email, password, mode: 'cookie' });
  if (!response.ok) await fail(response);
  const { user, csrf_token, expires_at } = (await response.json()) as Me;
  accept({ user, csrf_token, expires_at });
}

export async function signOut(): Promise<void> {
  const response = await call('POST', '/v1/auth/logout');
  if (!response.ok && response.status !== 401) await fail(response);
  leave(false);
}

/** Milliseconds until the session should be renewed; null when it does not expire. */
export function renewIn(me: Me, now: number): number | null {
  if (!me.expires_at) return null;
  return Math.max(5_000, Date.parse(me.expires_at) - now - RENEW_BEFORE_MS);
}

export function useSession(): Session {
  return useStore(session);
}

export function useRole(): Role | null {
  const now = useSession();
  return now.status === 'signed-in' ? now.me.user.role : null;
}

export function atLeast(role: Role | null, needed: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
