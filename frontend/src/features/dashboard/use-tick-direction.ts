import { useState } from 'react';
import * as decimal from '@/lib/decimal';

/** 1 after a rise, -1 after a fall, 0 before the first change. */
export function useTickDirection(value: string | undefined): -1 | 0 | 1 {
  const [seen, setSeen] = useState<{ value: string | undefined; direction: -1 | 0 | 1 }>({ value, direction: 0 });
  if (value !== undefined && value !== seen.value) {
    const change = seen.value === undefined ? 0 : decimal.sign(decimal.subtract(value, seen.value));
    setSeen({ value, direction: change === 0 ? seen.direction : change });
  }
  return seen.direction;
}
