import { type KeyboardEvent, type ReactNode, useId, useMemo } from 'react';
import type { Link, TruthLink } from '@/api/types';
import { classNames } from '@/lib/class-names';
import { fixed, plural } from '@/lib/format';
import { describeNode, type LinkSign, signOf } from './link-sign';
import { curve, layout, type Place, radiusOf } from './network-layout';
import { useWidth } from './use-width';

const ARROW = 9;
const SIGNS: readonly LinkSign[] = ['positive', 'negative', 'unknown'];

interface GraphProps {
  readonly symbols: readonly string[];
  /** All links of the result: the layout follows them, so that the slider moves no node. */
  readonly all: readonly Link[];
  readonly shown: readonly Link[];
  readonly missed: readonly TruthLink[];
  readonly selected: string | null;
  readonly onSelect: (symbol: string | null) => void;
}

function Arrowheads({ id }: { readonly id: string }): ReactNode {
  return (
    <defs>
      {SIGNS.map((sign) => (
        <marker key={sign} id={`${id}-${sign}`} viewBox="0 0 10 10" refX="1" refY="5" markerWidth={ARROW + 2} markerHeight={ARROW + 2} markerUnits="userSpaceOnUse" orient="auto">
          <path className={`arrow arrow--${sign}`} d="M0 0L10 5L0 10z" />
        </marker>
      ))}
    </defs>
  );
}

interface EdgeProps {
  readonly link: Link;
  readonly from: Place;
  readonly to: Place;
  readonly radius: number;
  readonly strongest: number;
  readonly dim: boolean;
  readonly markers: string;
}

function Edge({ link, from, to, radius, strongest, dim, markers }: EdgeProps): ReactNode {
  const sign = signOf(link);
  const { path, label } = curve(from, to, radius, ARROW + 3);
  const width = 1.5 + 4.5 * (strongest > 0 ? link.te_nats / strongest : 0);
  return (
    <g className={classNames('edge', `edge--${sign}`, dim && 'edge--dim')}>
      <title>{`${link.source} drives ${link.target} at lag ${link.lag_bars}, transfer entropy ${fixed(link.te_nats, 4)} nats`}</title>
      <path className="edge__line" d={path} strokeWidth={width} markerEnd={`url(#${markers}-${sign})`} />
      <text className="edge__label" x={label.x} y={label.y} textAnchor="middle" dominantBaseline="central">
        {link.lag_bars}
      </text>
    </g>
  );
}

interface NodeProps {
  readonly symbol: string;
  readonly place: Place;
  readonly radius: number;
  readonly text: string;
  readonly selected: boolean;
  readonly dim: boolean;
  readonly inside: boolean;
  readonly onToggle: () => void;
}

function Node({ symbol, place, radius, text, selected, dim, inside, onToggle }: NodeProps): ReactNode {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onToggle();
  };
  return (
    <g className={classNames('node', selected && 'node--selected', dim && 'node--dim')} transform={`translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})`} role="button" tabIndex={0} aria-pressed={selected} aria-label={text} onClick={onToggle} onKeyDown={onKey}>
      <circle className="node__target" r={Math.max(20, radius)} />
      <circle className="node__disc" r={radius} />
      <text className={inside ? 'node__label node__label--inside' : 'node__label'} y={inside ? 0 : radius + 14} textAnchor="middle" dominantBaseline={inside ? 'central' : 'auto'}>
        {symbol}
      </text>
    </g>
  );
}

/** Who drives whom. Width is strength, the number is the lag in bars, colour and dashes are the sign. */
export function NetworkGraph({ symbols, all, shown, missed, selected, onSelect }: GraphProps): ReactNode {
  const id = useId();
  const { container, width } = useWidth(720);
  const height = Math.round(Math.min(540, Math.max(360, width * 0.66)));
  const places = useMemo(() => layout(symbols, all, width, height), [symbols, all, width, height]);
  const radius = radiusOf(symbols.length);
  const inside = radius >= 18 && symbols.every((symbol) => symbol.length <= 5);
  const strongest = Math.max(0, ...shown.map((link) => link.te_nats));
  const near = new Set(shown.filter((link) => link.source === selected || link.target === selected).flatMap((link) => [link.source, link.target]));
  const at = (symbol: string): Place => places.get(symbol) ?? { x: width / 2, y: height / 2 };
  return (
    <div ref={container} className="network">
      <svg className="network__picture" viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="group" aria-label={`Network of ${plural(symbols.length, 'series', 'series')} with ${plural(shown.length, 'link')}`}>
        <Arrowheads id={id} />
        {missed.map((link) => (
          <path key={`${link.source} ${link.target}`} className="edge__missed" d={curve(at(link.source), at(link.target), radius, 4).path} />
        ))}
        {shown.map((link) => (
          <Edge key={`${link.source} ${link.target}`} link={link} from={at(link.source)} to={at(link.target)} radius={radius} strongest={strongest} markers={id} dim={selected !== null && link.source !== selected && link.target !== selected} />
        ))}
        {symbols.map((symbol) => (
          <Node key={symbol} symbol={symbol} place={at(symbol)} radius={radius} text={describeNode(symbol, shown)} inside={inside} selected={symbol === selected} dim={selected !== null && symbol !== selected && !near.has(symbol)} onToggle={() => onSelect(symbol === selected ? null : symbol)} />
        ))}
      </svg>
    </div>
  );
}
