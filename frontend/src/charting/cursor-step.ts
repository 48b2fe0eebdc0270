const FAR = 20;
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -FAR, PageDown: FAR, Home: -Infinity, End: Infinity };

/** The bar that a key leads to, of so many; null for other keys. Before the first key one stands at the last bar. */
export function stepTo(key: string, at: number | null, bars: number): number | null {
  const step = STEPS[key];
  if (step === undefined || bars === 0) return null;
  if (at === null && Number.isFinite(step)) return bars - 1;
  return Math.max(0, Math.min(bars - 1, (at ?? bars - 1) + step));
}
