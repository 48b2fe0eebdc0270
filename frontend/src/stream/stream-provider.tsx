import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { renew } from '@/api/session';
import { type Socket, StreamConnection } from './connection';
import { createFrames } from './frames';
import { noteData, setLink } from './health';

const StreamContext = createContext<StreamConnection | null>(null);

function openSocket(): Socket {
  const address = new URL('/v1/stream', window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(address) as Socket;
}

function createStream(cache: QueryClient) {
  const frames = createFrames(cache);
  const connection = new StreamConnection({
    open: openSocket,
    onMessage: (message) => {
      if (message.type === 'quotes' || message.type === 'market') noteData(Date.now());
      frames.push(message);
    },
    onState: setLink,
    onUnauthenticated: () => renew().catch(() => true),
  });
  return { connection, frames };
}

/** Keeps the socket open while somebody is signed in. */
export function StreamProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const cache = useQueryClient();
  const [{ connection, frames }] = useState(() => createStream(cache));

  useEffect(() => {
    const wake = (): void => connection.wake();
    connection.start();
    window.addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    return () => {
      window.removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
      connection.stop();
      frames.stop();
    };
  }, [connection, frames]);

  return <StreamContext value={connection}>{children}</StreamContext>;
}

/** Asks for live quotes of these symbols while the component is shown; read them with useQuote. */
export function useWatch(symbols: readonly string[]): void {
  const connection = useContext(StreamContext);
  const list = symbols.join(',');
  useEffect(() => {
    if (!connection || !list) return undefined;
    return connection.watch(list.split(','));
  }, [connection, list]);
}
