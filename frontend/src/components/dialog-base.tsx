import { Dialog as Base } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly kind?: 'modal' | 'drawer';
  readonly children: ReactNode;
}

/** A modal dialog, or a drawer at the right edge. Escape and a click outside close it; focus returns. */
export default function DialogBase({ open, onClose, title, description, kind = 'modal', children }: DialogProps): ReactNode {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="backdrop" />
        <Base.Popup className={`dialog dialog--${kind}`}>
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
