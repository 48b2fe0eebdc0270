import type { ZoneChoice } from './format-time';
import { createStore, useStore } from './store';

export type ThemeChoice = 'system' | 'light' | 'dark';

/** What this browser remembers. Nothing secret is ever stored here. */
export interface Preferences {
  readonly theme: ThemeChoice;
  readonly zone: ZoneChoice;
  readonly symbol: string | null;
  /** Symbols that somebody chose to watch, by user, in order. */
  readonly watchlists: Readonly<Record<string, readonly string[]>>;
}

const KEY = 'causeway.preferences';
const DEFAULTS: Preferences = { theme: 'system', zone: 'utc', symbol: null, watchlists: {} };

function load(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

export const preferences = createStore<Preferences>(load());

export function resolvedTheme(choice: ThemeChoice): 'light' | 'dark' {
  if (choice !== 'system') return choice;
  return window.matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

export function setPreferences(change: Partial<Preferences>): void {
  const next = { ...preferences.get(), ...change };
  document.documentElement.dataset['theme'] = resolvedTheme(next.theme);
  preferences.set(next);
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Storage may be full or forbidden; the choice then lasts as long as the page.
  }
}

export function usePreferences(): Preferences {
  return useStore(preferences);
}
