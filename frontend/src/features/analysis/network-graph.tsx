import { type KeyboardEvent, type ReactNode, useId, useMemo, useState } from 'react';
import type { Link, TruthLink } from '@/api/types';
import { classNames } from '@/lib/class-names';
import { fixed, plural } from '@/lib/format';
import { describeNode, type LinkSign, signOf } from './link-sign';
import { byDegree, curve, heightOf, layout, type Place, radiusOf } from './network-layout';
import { useWidth } from './use-width';

const ARROW = 9;
const THICKEST = 6;
/** Small nodes have thin links. */
const SMALL = 12;
const TOUCH = 20;
/** With more links than this their lags are shown only at the node that is looked at. */
const MOST_LAGS = 36;
const SIGNS: readonly LinkSign[] = ['positive', 'negative', 'unknown'];

interface GraphProps {
  readonly symbols: readonly string[];
  /** All links of the result: the layout follows them, so that the slider moves no node. */
  readonly all: readonly Link[];
  readonly shown: readonly Link[];
  readonly missed: readonly TruthLink[];
  readonly selected: string | null;
  readonly onSelect: (symbol: string | null) => void;
  readonly chosen: Link | null;
  readonly onChoose: (link: Link | null) => void;
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
  readonly lag: boolean;
  readonly chosen: boolean;
  readonly onToggle: () => void;
}

/** For a pointer; the table beside it does the same for keyboards. */
function Edge({ link, from, to, radius, strongest, dim, markers, lag, chosen, onToggle }: EdgeProps): ReactNode {
  const sign = signOf(link);
  const { path, label } = curve(from, to, radius, ARROW + 3);
  const width = 1.5 + ((radius < SMALL ? THICKEST / 2 : THICKEST) - 1.5) * (strongest > 0 ? link.te_nats / strongest : 0);
  return (
    <g className={classNames('edge', `edge--${sign}`, dim && 'edge--dim', chosen && 'edge--chosen')} onClick={onToggle}>
      <title>{`${link.source} drives ${link.target} at lag ${link.lag_bars}, transfer entropy ${fixed(link.te_nats, 4)} nats`}</title>
      <path className="edge__target" d={path} />
      <path className="edge__line" d={path} strokeWidth={width} markerEnd={`url(#${markers}-${sign})`} />
      {lag && (
        <text className="edge__label" x={label.x} y={label.y} textAnchor="middle" dominantBaseline="central">
          {link.lag_bars}
        </text>
      )}
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
  readonly onLook: (symbol: string | null) => void;
}

function Node({ symbol, place, radius, text, selected, dim, inside, onToggle, onLook }: NodeProps): ReactNode {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onToggle();
  };
  return (
    <g className={classNames('node', selected && 'node--selected', dim && 'node--dim')} transform={`translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})`} role="button" tabIndex={0} aria-pressed={selected} aria-label={text} onClick={onToggle} onKeyDown={onKey} onPointerEnter={() => onLook(symbol)} onPointerLeave={() => onLook(null)} onFocus={() => onLook(symbol)} onBlur={() => onLook(null)}>
      <circle className="node__target" r={Math.max(TOUCH, radius)} />
      <circle className="node__disc" r={radius} />
      <text className={inside ? 'node__label node__label--inside' : 'node__label'} y={inside ? 0 : radius + 14} textAnchor="middle" dominantBaseline={inside ? 'central' : 'auto'}>
        {symbol}
      </text>
    </g>
  );
}

/** Who drives whom. Width is strength, the number is the lag in bars, colour and dashes are the sign. */
export function NetworkGraph({ symbols, all, shown, missed, selected, onSelect, chosen, onChoose }: GraphProps): ReactNode {
  const id = useId();
  const { container, width } = useWidth(720);
  const [looked, setLooked] = useState<string | null>(null);
  const height = heightOf(symbols.length, width);
  const ordered = useMemo(() => byDegree(symbols, all), [symbols, all]);
  const places = useMemo(() => layout(ordered, all, width, height), [ordered, all, width, height]);
  const radius = radiusOf(symbols.length);
  const inside = radius >= 18 && symbols.every((symbol) => symbol.length <= 5);
  const strongest = Math.max(0, ...shown.map((link) => link.te_nats));
  const centre = looked ?? selected;
  const touches = (link: Link): boolean => link.source === centre || link.target === centre;
  const near = new Set(shown.filter(touches).flatMap((link) => [link.source, link.target]));
  const at = (symbol: string): Place => places.get(symbol) ?? { x: width / 2, y: height / 2 };
  const edge = (link: Link): ReactNode => (
    <Edge
      key={`${link.source} ${link.target}`}
      link={link}
      from={at(link.source)}
      to={at(link.target)}
      radius={radius}
      strongest={strongest}
      markers={id}
      dim={centre !== null && !touches(link)}
      lag={shown.length <= MOST_LAGS || touches(link) || link === chosen}
      chosen={link === chosen}
      onToggle={() => onChoose(link === chosen ? null : link)}
    />
  );
  return (
    <div ref={container} className="network">
      <svg className="network__picture" viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="group" aria-label={`Network of ${plural(symbols.length, 'series', 'series')} with ${plural(shown.length, 'link')}`}>
        <Arrowheads id={id} />
        {missed.map((link) => (
          <path key={`${link.source} ${link.target}`} className="edge__missed" d={curve(at(link.source), at(link.target), radius, 4).path} />
        ))}
        {[...shown].sort((a, b) => Number(touches(a)) - Number(touches(b))).map(edge)}
        {ordered.map((symbol) => (
          <Node key={symbol} symbol={symbol} place={at(symbol)} radius={radius} text={describeNode(symbol, shown)} inside={inside} selected={symbol === selected} dim={centre !== null && symbol !== centre && !near.has(symbol)} onToggle={() => onSelect(symbol === selected ? null : symbol)} onLook={setLooked} />
        ))}
      </svg>
    </div>
  );
}
