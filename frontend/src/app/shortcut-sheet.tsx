import type { ReactNode } from 'react';
import { PAGES } from './pages';

const SHORTCUTS: readonly (readonly [readonly string[], string])[] = [
  [['Ctrl', 'K'], 'Go to a page, an analysis or a symbol'],
  [['?'], 'Show this sheet'],
  ...PAGES.map((page) => [['g', page.key], page.name] as const),
  [['Tab'], 'Next control; in the network, the next series'],
  [['Enter'], 'Select the focused series'],
  [['Esc'], 'Close a dialog or menu'],
];

export function ShortcutSheet(): ReactNode {
  return (
    <dl className="shortcuts">
      {SHORTCUTS.map(([pressed, meaning]) => (
        <div key={meaning} className="shortcuts__row">
          <dt>
            {pressed.map((name) => (
              <kbd key={name}>{name}</kbd>
            ))}
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
