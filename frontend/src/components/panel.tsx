import { type ReactNode, useId } from 'react';
import { classNames } from '@/lib/class-names';

interface PanelProps {
  readonly title: ReactNode;
  readonly actions?: ReactNode;
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A titled part of a page. `flush` is for tables and charts that bring their own margins. */
export function Panel({ title, actions, flush = false, className, children }: PanelProps): ReactNode {
  const id = useId();
  return (
    <section className={classNames('panel', className)} aria-labelledby={id}>
      <div className="panel__head">
        <h2 id={id}>{title}</h2>
        {actions && <div className="row">{actions}</div>}
      </div>
      <div className={classNames('panel__body', flush && 'panel__body--flush')}>{children}</div>
    </section>
  );
}
