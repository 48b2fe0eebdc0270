import { type ReactNode, useEffect } from 'react';

interface PageProps {
  readonly title: string;
  readonly heading?: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, heading, lead, actions, children }: PageProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · Causeway`;
  }, [title]);
  return (
    <div className="page stack">
      <header className="row row--between">
        <div className="page__head">
          <h1>{heading ?? title}</h1>
          {lead && <div className="muted">{lead}</div>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
