import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { PercentChange } from './stat';

test.each([
  [-0.00004, '0.00%', 'muted'],
  [-0, '0.00%', 'muted'],
  [-0.0001, '▼\u00a0-0.01%', 'down'],
  [0.0042, '▲\u00a0+0.42%', 'up'],
])('a change of %d has the direction of what is shown', (value, text, tone) => {
  const { container } = render(<PercentChange value={value} />);
  expect(container.textContent).toBe(text);
  expect(container.firstElementChild).toHaveClass(tone);
});
