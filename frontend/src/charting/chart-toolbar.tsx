import type { ReactNode } from 'react';
import { Button } from '@/components/button';
import './charting.css';
import { ADJUSTMENTS, type BarSize, type ChartChoices } from './chart-choices';

/** Bar size, adjustment and scale beside a chart's title. */
export function ChartToolbar({ choices, sizes }: { readonly choices: ChartChoices; readonly sizes: readonly BarSize[] }): ReactNode {
  return (
    <>
      <select className="input chart-select" aria-label="Bar size" value={choices.barSize} disabled={sizes.length < 2} onChange={(event) => choices.set('bars', event.target.value)}>
        {(sizes.length ? sizes : [choices.barSize]).map((size) => (
          <option key={size} value={size}>
            {size}
          </option>
        ))}
      </select>
      <select className="input chart-select" aria-label="Adjusted for" value={choices.adjustment} onChange={(event) => choices.set('adjust', event.target.value)}>
        {ADJUSTMENTS.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <Button aria-pressed={choices.log} title="Logarithmic scale" onClick={() => choices.set('scale', choices.log ? 'linear' : 'log')}>
        Log
      </Button>
    </>
  );
}
