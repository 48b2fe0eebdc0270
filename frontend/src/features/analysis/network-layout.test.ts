import { describe, expect, test } from 'vitest';
import { byDegree, heightOf, layout } from './network-layout';

const symbols = Array.from({ length: 48 }, (_, index) => `S${String(index).padStart(2, '0')}`);
const edges = symbols.flatMap((target, index) => [1, 7, 20].map((step) => ({ source: symbols[(index * step) % 12] ?? 'S00', target })).filter((edge) => edge.source !== edge.target));

describe('48 series', () => {
  test.each([328, 800])('have room for their names, inside the picture, at %i px', (width) => {
    const height = heightOf(48, width);
    const places = [...layout(byDegree(symbols, edges), edges, width, height).values()];
    const gaps = places.flatMap((a, i) => places.slice(i + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y)));
    expect(Math.min(...gaps)).toBeGreaterThan(30);
    for (const { x, y } of places) {
      expect(x).toBeGreaterThanOrEqual(12);
      expect(x).toBeLessThanOrEqual(width - 12);
      expect(y).toBeGreaterThanOrEqual(9);
      expect(y).toBeLessThanOrEqual(height - 24);
    }
  });

  test('come in the order of their links', () => {
    expect(byDegree(['A', 'B', 'C'], [{ source: 'C', target: 'B' }, { source: 'C', target: 'A' }, { source: 'A', target: 'C' }])).toEqual(['C', 'A', 'B']);
  });
});
