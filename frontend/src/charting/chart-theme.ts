/** Chart colours come from the style sheet, so that both themes stay in one place. */
export interface ChartColours {
  readonly text: string;
  readonly grid: string;
  readonly border: string;
  readonly accent: string;
  readonly muted: string;
  readonly up: string;
  readonly down: string;
}

export function readColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: value('--muted'),
    grid: value('--grid'),
    border: value('--border'),
    accent: value('--accent'),
    muted: value('--flat'),
    up: value('--up'),
    down: value('--down'),
  };
}
