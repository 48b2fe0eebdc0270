import type { ReactNode } from 'react';
import type { LinkPair } from '@/api/comparison';
import { fixed } from '@/lib/format';

const WIDTH = 140;
const HEIGHT = 20;
const PAD = 7;
const MIDDLE = HEIGHT / 2;

type SideName = 'a' | 'b';

/** Why a side has no number. */
function absence(pair: LinkPair, side: SideName): string {
  return pair.asked === 'both' || pair.asked === side ? 'not kept' : 'not asked';
}

interface PairProps {
  readonly pair: LinkPair;
  readonly of: (link: NonNullable<LinkPair['a']>) => ReactNode;
}

/** "A's value → B's value"; a value that is not significant is muted. */
export function Pair({ pair, of }: PairProps): ReactNode {
  const side = (name: SideName): ReactNode => {
    const link = pair[name];
    return (
      <span className={link?.significant ? 'pair__value' : 'pair__value muted'}>
        <span className="visually-hidden">{name.toUpperCase()} </span>
        {link ? of(link) : absence(pair, name)}
      </span>
    );
  };
  return (
    <span className="pair">
      {side('a')}
      <span className="muted" aria-hidden="true">
        →
      </span>
      {side('b')}
    </span>
  );
}

function Mark({ x, side, found }: { readonly x: number; readonly side: SideName; readonly found: boolean }): ReactNode {
  return <circle className={`dumbbell__mark dumbbell__mark--${side}${found ? '' : ' dumbbell__mark--weak'}`} cx={x} cy={MIDDLE} r={side === 'a' ? 5 : 4} />;
}

/** Strength in A (ring) and in B (dot) on one axis from zero; pale where it is not significant. */
export function Dumbbell({ pair: { a, b }, most }: { readonly pair: LinkPair; readonly most: number }): ReactNode {
  const at = (nats: number): number => PAD + (Math.max(0, nats) / most) * (WIDTH - 2 * PAD);
  const words = [a && `A ${fixed(a.te_nats, 4)}`, b && `B ${fixed(b.te_nats, 4)}`].filter(Boolean).join(', ');
  return (
    <svg className="dumbbell" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={`Strength: ${words} nats`}>
      <line className="dumbbell__axis" x1={PAD} x2={WIDTH - PAD} y1={MIDDLE} y2={MIDDLE} />
      <line className="dumbbell__axis" x1={PAD} x2={PAD} y1={4} y2={HEIGHT - 4} />
      {a && b && <line className="dumbbell__span" x1={at(a.te_nats)} x2={at(b.te_nats)} y1={MIDDLE} y2={MIDDLE} />}
      {a && <Mark side="a" x={at(a.te_nats)} found={a.significant} />}
      {b && <Mark side="b" x={at(b.te_nats)} found={b.significant} />}
    </svg>
  );
}

export function Legend(): ReactNode {
  return (
    <ul className="compare-legend small muted">
      <li>
        <svg width="14" height="14" aria-hidden="true">
          <circle className="dumbbell__mark dumbbell__mark--a" cx="7" cy="7" r="5" />
        </svg>
        A
      </li>
      <li>
        <svg width="14" height="14" aria-hidden="true">
          <circle className="dumbbell__mark dumbbell__mark--b" cx="7" cy="7" r="4" />
        </svg>
        B
      </li>
      <li>Pale: below the level of its own analysis</li>
    </ul>
  );
}
