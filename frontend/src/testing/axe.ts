import axe from 'axe-core';
import { expect } from 'vitest';

/** No accessibility finding. Colour contrast needs a browser and is checked by testing/screenshots.ts. */
export async function expectAccessible(element: Element): Promise<void> {
  const { violations } = await axe.run(element, { rules: { 'color-contrast': { enabled: false }, region: { enabled: false } } });
  expect(violations.map((finding) => `${finding.id}: ${finding.nodes[0]?.html ?? ''}`)).toEqual([]);
}
