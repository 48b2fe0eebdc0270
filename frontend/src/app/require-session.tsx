import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Navigate, useLocation } from 'react-router';
import { renew, renewIn, restore, useSession } from '@/api/session';
import { Failure, Loading } from '@/components/states';
import { unreachable } from '@/api/errors';
import { StreamProvider } from '@/stream/stream-provider';

/** Renews the session shortly before it ends, so that neither requests nor the socket notice. */
function useRenewal(): void {
  const now = useSession();
  const me = now.status === 'signed-in' ? now.me : null;
  useEffect(() => {
    const wait = me && renewIn(me, Date.now());
    if (!wait) return undefined;
    const timer = setTimeout(() => void renew(true).catch(() => undefined), wait);
    return () => clearTimeout(timer);
  }, [me]);
}

/** Shows the pages to somebody who is signed in; sends everybody else to sign in, and back afterwards. */
export function RequireSession({ children }: { readonly children: ReactNode }): ReactNode {
  const now = useSession();
  const place = useLocation();
  const cache = useQueryClient();
  useRenewal();
  useEffect(() => {
    if (now.status === 'signed-out') cache.clear();
  }, [now.status, cache]);

  if (now.status === 'unknown') return <Loading lines={6} label="Opening Causeway" />;
  if (now.status === 'unreachable') {
    return <Failure what="Causeway" error={unreachable()} onRetry={() => void restore()} />;
  }
  if (now.status === 'signed-out') {
    const next = `${place.pathname}${place.search}`;
    const query = new URLSearchParams(next === '/' ? {} : { next });
    if (now.expired) query.set('ended', '1');
    return <Navigate to={{ pathname: '/login', search: query.toString() }} replace />;
  }
  return <StreamProvider>{children}</StreamProvider>;
}
