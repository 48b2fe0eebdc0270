/** The slider of q: even steps on a scale that people use, the analysis' own alpha among them. */
const STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] as const;

export function thresholdSteps(alpha: number): number[] {
  return [...new Set([...STEPS, alpha])].sort((a, b) => a - b);
}

/** The threshold in the URL, or alpha when there is none or it is no number between 0 and 1. */
export function readThreshold(text: string | null, alpha: number): number {
  const value = Number(text);
  return text !== null && text !== '' && value > 0 && value <= 1 ? value : alpha;
}

export function nearestStep(steps: readonly number[], value: number): number {
  let best = 0;
  steps.forEach((step, index) => {
    if (Math.abs(step - value) < Math.abs((steps[best] ?? 1) - value)) best = index;
  });
  return best;
}
