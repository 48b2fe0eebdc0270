import createClient from 'openapi-fetch';
import type { paths } from './generated/schema';
import { csrfHeaders, renew } from './session';

/** fetch that carries the CSRF token, and renews an expired session once before it gives up. */
async function fetchWithSession(request: Request): Promise<Response> {
  const send = (original: Request): Promise<Response> => {
    const copy = original.clone();
    if (copy.method !== 'GET') {
      for (const [name, value] of Object.entries(csrfHeaders())) copy.headers.set(name, value);
    }
    return fetch(copy);
  };
  const response = await send(request);
  if (response.status !== 401) return response;
  return (await renew()) ? send(request) : response;
}

export const client = createClient<paths, 'application/json'>({
  baseUrl: typeof window === 'undefined' ? '' : window.location.origin,
  credentials: 'same-origin',
  fetch: fetchWithSession,
});
