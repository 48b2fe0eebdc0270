import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/errors';

const RETRIES = 2;

/** A request that the server refused is not repeated; one that it could not serve is. */
function mayRetry(failures: number, error: unknown): boolean {
  const passing = error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 502);
  return passing && failures < RETRIES;
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: mayRetry,
        retryDelay: (attempt, error) =>
          error instanceof ApiError && error.retryAfterS ? error.retryAfterS * 1000 : 500 * 2 ** attempt,
      },
      mutations: { retry: false },
    },
  });
}
