import type { QueryClient } from '@tanstack/react-query';
import { notifyManager } from '@tanstack/react-query';
import { applyMessage } from './apply-message';
import type { ServerMessage } from './messages';

/** Applies messages at most once per animation frame, in order. A hidden page has no frames: a timer stands in. */
export function createFrames(cache: QueryClient): { push: (message: ServerMessage) => void; stop: () => void } {
  let waiting: ServerMessage[] = [];
  let frame: number | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const flush = (): void => {
    if (frame !== null) cancelAnimationFrame(frame);
    if (timer !== null) clearTimeout(timer);
    frame = null;
    timer = null;
    const batch = waiting;
    waiting = [];
    notifyManager.batch(() => {
      for (const message of batch) applyMessage(cache, message);
    });
  };

  return {
    push: (message) => {
      waiting.push(message);
      if (frame !== null) return;
      frame = requestAnimationFrame(flush);
      timer = setTimeout(flush, 250);
    },
    stop: () => {
      waiting = [];
      flush();
    },
  };
}
