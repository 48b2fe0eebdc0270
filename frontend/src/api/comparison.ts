import { queryOptions } from '@tanstack/react-query';
import { client } from './client';
import { unwrap } from './errors';
import type { components } from './generated/schema';
import { keys } from './keys';

export type Comparison = components['schemas']['Comparison'];
export type ComparedRun = components['schemas']['ComparedRun'];
export type LinkPair = components['schemas']['LinkPair'];
export type QuestionChange = components['schemas']['QuestionChange'];

/** Two answers side by side. Answers never change, so neither does this. */
export function comparisonQuery(a: string, b: string) {
  return queryOptions({
    queryKey: [...keys.result(a), 'beside', b] as const,
    staleTime: Infinity,
    queryFn: ({ signal }): Promise<Comparison> => unwrap(client.GET('/v1/analysis/compare', { params: { query: { a, b } }, signal })),
  });
}
