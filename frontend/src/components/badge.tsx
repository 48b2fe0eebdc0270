import type { ReactNode } from 'react';

export type Tone = 'plain' | 'accent' | 'ok' | 'warn' | 'danger';

export function Badge({ tone = 'plain', title, children }: { readonly tone?: Tone; readonly title?: string; readonly children: ReactNode }): ReactNode {
  return (
    <span className={tone === 'plain' ? 'badge' : `badge badge--${tone}`} title={title}>
      {children}
    </span>
  );
}

export function Notice({ tone = 'plain', children }: { readonly tone?: 'plain' | 'warn' | 'danger'; readonly children: ReactNode }): ReactNode {
  return (
    <div className={tone === 'plain' ? 'notice' : `notice notice--${tone}`} role={tone === 'danger' ? 'alert' : 'note'}>
      <span className="notice__mark" aria-hidden="true">
        {tone === 'plain' ? 'i' : '!'}
      </span>
      <div>{children}</div>
    </div>
  );
}
