import type { ReactNode } from 'react';
import type { Link } from '@/api/types';
import { percent } from '@/lib/format';
import { stabilityOf } from './stability';
import { nearestStep, thresholdSteps } from './threshold';
import type { QueryChange } from '@/lib/use-query-state';

interface FiltersProps {
  readonly links: readonly Link[];
  readonly alpha: number;
  readonly q: number;
  readonly stable: number;
  readonly onChange: (change: QueryChange) => void;
}

const STEP = 0.05;

/** Two sliders: how sure, and how stable. Both are in the address. */
export function LinkFilters({ links, alpha, q, stable, onChange }: FiltersProps): ReactNode {
  const steps = thresholdSteps(alpha);
  const resampled = links.some((link) => stabilityOf(link) !== null);
  const setQ = (value: number): void => onChange({ q: value === alpha ? null : String(value) });
  const setStable = (value: number): void => onChange({ stable: value <= 0 ? null : value.toFixed(2) });
  return (
    <div className="thresholds">
      <label className="threshold">
        <span>
          Show links with q ≤ <strong>{q}</strong>
          <span className="muted">{q === alpha ? ' (the level of this analysis)' : ` (this analysis: ${alpha})`}</span>
        </span>
        <input className="range" type="range" min={0} max={steps.length - 1} step={1} value={nearestStep(steps, q)} aria-valuetext={`q at most ${q}`} onChange={(event) => setQ(steps[Number(event.target.value)] ?? alpha)} />
      </label>
      <label className="threshold">
        <span>
          Found again in at least <strong>{percent(stable, 0)}</strong> of resamples
          {!resampled && <span className="muted"> (none were drawn)</span>}
        </span>
        <input className="range" type="range" min={0} max={1} step={STEP} value={stable} disabled={!resampled} aria-valuetext={`found again in at least ${percent(stable, 0)} of resamples`} onChange={(event) => setStable(Number(event.target.value))} />
      </label>
    </div>
  );
}
