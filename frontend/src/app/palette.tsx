import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { jobsQuery } from '@/api/analysis';
import { symbolsQuery } from '@/api/data';
import { Dialog } from '@/components/dialog';
import { PAGES } from './pages';
import { ShortcutSheet } from './shortcut-sheet';

interface Goal {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly to: string;
}

const MOST = 12;
const CHORD_MS = 1200;

function useGoals(open: boolean): Goal[] {
  const symbols = useQuery({ ...symbolsQuery, enabled: open }).data ?? [];
  const jobs = useQuery({ ...jobsQuery, enabled: open }).data?.items ?? [];
  return [
    ...PAGES.map((page) => ({ id: page.path, name: page.name, kind: 'Page', to: page.path })),
    { id: 'alerts', name: 'Alerts', kind: 'Page', to: '/alerts' },
    { id: 'new', name: 'New analysis', kind: 'Action', to: '/analysis/new' },
    ...jobs.map((job) => ({ id: job.id, name: job.name || job.spec.symbols.join(', '), kind: 'Analysis', to: `/analysis/${job.id}` })),
    ...symbols.map((item) => ({ id: `s-${item.symbol}`, name: `${item.symbol} ${item.name}`, kind: 'Trade', to: `/trading?symbol=${encodeURIComponent(item.symbol)}` })),
  ];
}

function PaletteList({ onGo }: { readonly onGo: (to: string) => void }): ReactNode {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const wanted = text.trim().toLowerCase();
  const shown = useGoals(true).filter((goal) => goal.name.toLowerCase().includes(wanted)).slice(0, MOST);
  const active = shown[Math.min(at, shown.length - 1)];

  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt((index) => Math.min(index + 1, shown.length - 1));
    else if (event.key === 'ArrowUp') setAt((index) => Math.max(index - 1, 0));
    else if (event.key === 'Enter' && active) onGo(active.to);
    else return;
    event.preventDefault();
  };
  return (
    <div className="stack stack--tight">
      <input
        className="input"
        role="combobox"
        aria-label="Page, analysis or symbol"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={active ? `${id}-${active.id}` : undefined}
        placeholder="Page, analysis or symbol"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <ul id={id} role="listbox" aria-label="Where to go">
        {shown.map((goal) => (
          <li
            key={goal.id}
            id={`${id}-${goal.id}`}
            role="option"
            aria-selected={goal === active}
            data-highlighted={goal === active ? '' : undefined}
            className="menu__item palette__item"
            onClick={() => onGo(goal.to)}
          >
            <span className="palette__name">{goal.name}</span>
            <span className="muted small">{goal.kind}</span>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="muted">Nothing has that name.</p>}
    </div>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Ctrl-K opens the palette, "?" the sheet of shortcuts, "g" and a letter a page. */
export function Palette(): ReactNode {
  const [shown, setShown] = useState<'palette' | 'sheet' | null>(null);
  const navigate = useNavigate();
  const chord = useRef(0);

  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setShown((now) => (now === 'palette' ? null : 'palette'));
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === '?') setShown('sheet');
      else if (event.key === 'g') chord.current = event.timeStamp;
      else if (event.timeStamp - chord.current < CHORD_MS) {
        const page = PAGES.find((entry) => entry.key === event.key);
        chord.current = 0;
        if (page) void navigate(page.path);
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate]);

  return (
    <>
      <Dialog open={shown === 'palette'} onClose={() => setShown(null)} title="Go to">
        <PaletteList
          onGo={(to) => {
            setShown(null);
            void navigate(to);
          }}
        />
      </Dialog>
      <Dialog open={shown === 'sheet'} onClose={() => setShown(null)} title="Keyboard shortcuts">
        <ShortcutSheet />
      </Dialog>
    </>
  );
}
