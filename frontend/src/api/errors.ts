import type { ErrorBody } from './types';

/** What the server answered, or why it did not answer. `message` is fit to show to the user. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly { readonly field: string; readonly message: string }[];
  readonly requestId: string;
  readonly retryAfterS: number | null;

  constructor(status: number, body: Partial<ErrorBody>, retryAfterS: number | null = null) {
    super(body.message || `The server answered with status ${status} and no explanation. Try again.`);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code ?? 'error';
    this.fields = body.fields ?? [];
    this.requestId = body.request_id ?? '';
    this.retryAfterS = retryAfterS;
  }

  /** The message for a field of the form; the server may prefix its path, such as "body.spec.start". */
  forField(name: string): string | undefined {
    return this.fields.find((entry) => entry.field === name || entry.field.endsWith(`.${name}`))?.message;
  }
}

export function unreachable(): ApiError {
  return new ApiError(0, {
    code: 'unreachable',
    message: 'The server cannot be reached. Check that it runs and that this machine is connected, then try again.',
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something unexpected happened. Try again.';
}

interface Answer<T> {
  readonly data?: T | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

function bodyOf(error: unknown): Partial<ErrorBody> {
  if (typeof error === 'object' && error !== null && 'error' in error) {
    return (error as { error: Partial<ErrorBody> }).error;
  }
  return {};
}

/** The data of an answer; throws ApiError when there is none. */
export async function unwrap<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch (error) {
    if (error instanceof ApiError || (error instanceof DOMException && error.name === 'AbortError')) throw error;
    throw unreachable();
  }
  if (answer.response.ok) return answer.data as T;
  const retryAfter = Number(answer.response.headers.get('Retry-After'));
  throw new ApiError(answer.response.status, bodyOf(answer.error), retryAfter > 0 ? retryAfter : null);
}
