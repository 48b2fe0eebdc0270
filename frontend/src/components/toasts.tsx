import { type ReactNode, useEffect } from 'react';
import { createStore, useStore } from '@/lib/store';

interface Toast {
  readonly id: number;
  readonly tone: 'info' | 'error';
  readonly title: string;
  readonly text: string | undefined;
}

const LIFE_MS = 7_000;
const MOST = 4;
const store = createStore<readonly Toast[]>([]);
let next = 1;

export function notify(title: string, text?: string, tone: Toast['tone'] = 'info'): void {
  store.set([...store.get(), { id: next, tone, title, text }].slice(-MOST));
  next += 1;
}

export function notifyError(title: string, error: unknown): void {
  notify(title, error instanceof Error ? error.message : undefined, 'error');
}

function dismiss(id: number): void {
  store.set(store.get().filter((toast) => toast.id !== id));
}

function ToastCard({ toast }: { readonly toast: Toast }): ReactNode {
  useEffect(() => {
    if (toast.tone === 'error') return undefined;
    const timer = setTimeout(() => dismiss(toast.id), LIFE_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <li className="toast" data-type={toast.tone}>
      <p className="toast__title">{toast.title}</p>
      <button type="button" className="button button--quiet button--icon" aria-label={`Dismiss: ${toast.title}`} onClick={() => dismiss(toast.id)}>
        <span aria-hidden="true">✕</span>
      </button>
      {toast.text && <p className="toast__text">{toast.text}</p>}
    </li>
  );
}

/** Errors stay until they are dismissed. */
export function Toasts(): ReactNode {
  const toasts = useStore(store);
  return (
    <section aria-label="Notifications" aria-live="polite" aria-relevant="additions">
      {toasts.length > 0 && (
        <ol className="toasts">
          {toasts.map((toast) => (
            <ToastCard key={toast.id} toast={toast} />
          ))}
        </ol>
      )}
    </section>
  );
}
