import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { DialogProps } from './dialog-base';

const load = () => import('./dialog-base');
const LazyDialog = lazy(load);

/** Fetches the code of dialogs before the first one is asked for. */
export function preloadDialogs(): void {
  void load().catch(() => undefined);
}

/** A dialog whose code is loaded when it is first opened; it then stays, to close gracefully. */
export function Dialog(props: DialogProps): ReactNode {
  const [wanted, setWanted] = useState(props.open);
  if (props.open && !wanted) setWanted(true);
  if (!wanted) return null;
  return (
    <Suspense fallback={null}>
      <LazyDialog {...props} />
    </Suspense>
  );
}
