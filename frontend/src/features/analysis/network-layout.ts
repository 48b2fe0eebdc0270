/** Places for the nodes of a network. The same links give the same picture: nothing here is random. */
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY, type SimulationNodeDatum } from 'd3-force';

export interface Place {
  readonly x: number;
  readonly y: number;
}

interface Node extends SimulationNodeDatum {
  readonly id: string;
}

interface Edge {
  readonly source: string;
  readonly target: string;
}

const TICKS = 300;
const MARGIN_X = 40;
const MARGIN_TOP = 30;
const MARGIN_BOTTOM = 44;

export function radiusOf(nodes: number): number {
  if (nodes <= 12) return 24;
  return nodes <= 30 ? 18 : 13;
}

/** Stretches the places to the whole picture, so that no space is wasted and nothing is cut off. */
function fit(nodes: readonly Node[], width: number, height: number): Map<string, Place> {
  const xs = nodes.map((node) => node.x ?? 0);
  const ys = nodes.map((node) => node.y ?? 0);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const across = right > left ? (width - 2 * MARGIN_X) / (right - left) : 0;
  const down = bottom > top ? (height - MARGIN_TOP - MARGIN_BOTTOM) / (bottom - top) : 0;
  return new Map(
    nodes.map((node) => [
      node.id,
      {
        x: across ? MARGIN_X + ((node.x ?? 0) - left) * across : width / 2,
        y: down ? MARGIN_TOP + ((node.y ?? 0) - top) * down : height / 2,
      },
    ]),
  );
}

export function layout(symbols: readonly string[], edges: readonly Edge[], width: number, height: number): Map<string, Place> {
  const radius = radiusOf(symbols.length);
  const reach = Math.min(width, height) / 2.6;
  const nodes: Node[] = symbols.map((id, index) => {
    const angle = (2 * Math.PI * index) / symbols.length - Math.PI / 2;
    return { id, x: reach * Math.cos(angle), y: reach * Math.sin(angle) };
  });
  const known = new Set(symbols);
  const links = edges.filter((edge) => known.has(edge.source) && known.has(edge.target)).map((edge) => ({ ...edge }));
  forceSimulation(nodes)
    .force('link', forceLink<Node, { source: string; target: string }>(links).id((node) => node.id).distance(radius * 6).strength(0.35))
    .force('charge', forceManyBody().strength(-radius * 24))
    .force('collide', forceCollide(radius * 1.9))
    .force('x', forceX(0).strength(0.06 * (height / width)))
    .force('y', forceY(0).strength(0.09))
    .stop()
    .tick(TICKS);
  return fit(nodes, width, height);
}

export interface Curve {
  readonly path: string;
  readonly label: Place;
}

/** A slightly bent arrow from rim to rim; the two directions of a pair bend apart. */
export function curve(from: Place, to: Place, radius: number, arrow: number): Curve {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = Math.hypot(dx, dy) || 1;
  const bend = Math.min(34, length * 0.16);
  const middle = { x: (from.x + to.x) / 2 - (dy / length) * bend, y: (from.y + to.y) / 2 + (dx / length) * bend };
  const rim = (end: Place, gap: number): Place => {
    const ex = middle.x - end.x;
    const ey = middle.y - end.y;
    const far = Math.hypot(ex, ey) || 1;
    return { x: end.x + (ex / far) * gap, y: end.y + (ey / far) * gap };
  };
  const start = rim(from, radius + 2);
  const stop = rim(to, radius + arrow);
  const round = (value: number): string => value.toFixed(1);
  return {
    path: `M${round(start.x)} ${round(start.y)}Q${round(middle.x)} ${round(middle.y)} ${round(stop.x)} ${round(stop.y)}`,
    label: { x: (start.x + 2 * middle.x + stop.x) / 4, y: (start.y + 2 * middle.y + stop.y) / 4 },
  };
}
