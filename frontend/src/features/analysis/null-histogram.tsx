import type { ReactNode } from 'react';
import type { LinkDetail } from '@/api/types';
import { count, fixed } from '@/lib/format';
import { useWidth } from './use-width';

const HEIGHT = 190;
const LEFT = 8;
const TOP = 24;
const BOTTOM = 28;

type Null = NonNullable<LinkDetail['null']>;

/** How many of the draws reached what was observed, as words that fit both kinds of null. */
export function nullWords(sample: Null): string {
  const { kind, edges, counts, observed, n } = sample;
  if (kind === 'exact') {
    const above = counts.reduce((sum, value, bin) => sum + ((edges[bin] ?? 0) >= observed ? value : 0), 0);
    return `Exact null distribution of the strongest lag. Without a link about ${above < 0.5 ? 'none' : count(above)} of 1,000 samples would reach ${fixed(observed, 4)} nats.`;
  }
  const last = edges[edges.length - 1] ?? 0;
  const first = edges[0] ?? 0;
  return `${count(n)} surrogates without a link gave ${fixed(first, 4)} to ${fixed(last, 4)} nats at their strongest lag; observed ${fixed(observed, 4)}.`;
}

export function NullHistogram({ sample }: { readonly sample: Null }): ReactNode {
  const { container, width } = useWidth(420);
  const { edges, counts, observed } = sample;
  const low = Math.min(edges[0] ?? 0, observed);
  const high = Math.max(edges[edges.length - 1] ?? 0, observed) || 1e-9;
  const foot = HEIGHT - BOTTOM;
  const most = Math.max(...counts, 1e-9);
  const x = (value: number): number => LEFT + ((value - low) / (high - low || 1)) * (width - LEFT - 16);
  const atRight = x(observed) > width / 2;
  return (
    <div ref={container} className="figure">
      <svg className="figure__picture" viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-label={nullWords(sample)}>
        {counts.map((value, bin) => {
          const left = x(edges[bin] ?? 0);
          const height = (value / most) * (foot - TOP);
          return <rect key={edges[bin]} className="null__bar" x={left} width={Math.max(1, x(edges[bin + 1] ?? 0) - left - 1)} y={foot - height} height={height} />;
        })}
        <line className="figure__axis" x1={LEFT} x2={width - 8} y1={foot} y2={foot} />
        <line className="null__observed" x1={x(observed)} x2={x(observed)} y1={TOP - 4} y2={foot} />
        <text className="figure__text figure__text--strong" x={x(observed) + (atRight ? -6 : 6)} y={TOP + 4} textAnchor={atRight ? 'end' : 'start'}>
          observed {fixed(observed, 4)}
        </text>
        <text className="figure__text" x={LEFT} y={foot + 18}>
          {fixed(low, 4)}
        </text>
        <text className="figure__text" x={width - 8} y={foot + 18} textAnchor="end">
          {fixed(high, 4)} nats
        </text>
      </svg>
    </div>
  );
}
