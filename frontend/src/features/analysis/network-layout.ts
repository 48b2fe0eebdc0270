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

/** Room of a node with its name beneath, in square pixels, where many are shown. */
const ROOM = 5200;

export function radiusOf(nodes: number): number {
  if (nodes <= 12) return 24;
  return nodes <= 30 ? 18 : 9;
}

/** Tall enough that every node has room for its name, also on a phone. */
export function heightOf(nodes: number, width: number): number {
  const few = Math.min(540, Math.max(360, width * 0.66));
  return Math.round(nodes <= 12 ? few : Math.max(few, Math.min(900, (nodes * ROOM) / width)));
}

/** Series with the most links first, then by name: the order of the tab key, and of the places. */
export function byDegree(symbols: readonly string[], edges: readonly Edge[]): string[] {
  const degree = new Map<string, number>();
  for (const { source, target } of edges) {
    degree.set(source, (degree.get(source) ?? 0) + 1);
    degree.set(target, (degree.get(target) ?? 0) + 1);
  }
  return [...symbols].sort((a, b) => (degree.get(b) ?? 0) - (degree.get(a) ?? 0) || a.localeCompare(b));
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
  const fitted = fit(nodes, width, height);
  return symbols.length > 12 ? spread(symbols, even(fitted, width, height), width, height) : fitted;
}

/** Half the place, half its rank: one far node then leaves the others their room, and who stands beside whom stays. */
function even(places: ReadonlyMap<string, Place>, width: number, height: number): Map<string, Place> {
  const share = (axis: 'x' | 'y'): Map<string, number> => {
    const ordered = [...places].sort(([, a], [, b]) => a[axis] - b[axis]);
    return new Map(ordered.map(([id], rank) => [id, rank / Math.max(1, ordered.length - 1)]));
  };
  const [across, down] = [share('x'), share('y')];
  return new Map(
    [...places].map(([id, place]) => [
      id,
      {
        x: (place.x + MARGIN_X + (across.get(id) ?? 0) * (width - 2 * MARGIN_X)) / 2,
        y: (place.y + MARGIN_TOP + (down.get(id) ?? 0) * (height - MARGIN_TOP - MARGIN_BOTTOM)) / 2,
      },
    ]),
  );
}

/** Moves places apart, as little as needed, until names do not lie on one another. */
function spread(symbols: readonly string[], places: ReadonlyMap<string, Place>, width: number, height: number): Map<string, Place> {
  const gap = Math.min(26, Math.sqrt((width * height) / symbols.length) * 0.42);
  const nodes: Node[] = symbols.map((id) => ({ id, x: places.get(id)?.x ?? 0, y: places.get(id)?.y ?? 0 }));
  const home = (node: Node): Place => places.get(node.id) ?? { x: 0, y: 0 };
  const simulation = forceSimulation(nodes)
    .force('collide', forceCollide(gap))
    .force('x', forceX<Node>((node) => home(node).x).strength(0.04))
    .force('y', forceY<Node>((node) => home(node).y).strength(0.04))
    .stop();
  for (let tick = 0; tick < 120; tick += 1) {
    simulation.tick();
    for (const node of nodes) {
      node.x = Math.min(width - MARGIN_X / 2, Math.max(MARGIN_X / 2, node.x ?? 0));
      node.y = Math.min(height - MARGIN_TOP, Math.max(MARGIN_TOP / 2, node.y ?? 0));
    }
  }
  return new Map(nodes.map((node) => [node.id, { x: node.x ?? 0, y: node.y ?? 0 }]));
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
