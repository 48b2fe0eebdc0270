import { beforeAll } from 'vitest';

/**
 * Loads the code of dialogs before the tests of a file. Left to the first dialog that opens, a busy machine needs longer
 * to load and compile it than a query waits for what is in it.
 */
export function dialogsAreLoaded(): void {
  beforeAll(async () => {
    await import('@/components/dialog-base');
  });
}
