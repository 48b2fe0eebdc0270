import { Dialog as Base } from '@base-ui/react/dialog';
import { type ReactNode, useRef } from 'react';

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly kind?: 'modal' | 'drawer';
  readonly children: ReactNode;
}

/** A modal dialog, or a drawer at the right edge. Focus goes to its first field, and back when it closes. */
export default function DialogBase({ open, onClose, title, description, kind = 'modal', children }: DialogProps): ReactNode {
  const popup = useRef<HTMLDivElement>(null);
  const firstField = (): HTMLElement | boolean => popup.current?.querySelector<HTMLElement>('input, textarea') ?? true;
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Popup ref={popup} initialFocus={firstField} className={`dialog dialog--${kind}`}>
          <div className="dialog__head">
            <div>
              <Base.Title className="dialog__title">{title}</Base.Title>
              {description && <Base.Description className="muted">{description}</Base.Description>}
            </div>
            <Base.Close className="button button--quiet button--icon" aria-label="Close">
              <span aria-hidden="true">✕</span>
            </Base.Close>
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
