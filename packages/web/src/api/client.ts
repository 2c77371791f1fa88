import type { Problem } from '@daybook/core';

/** An answer that is no success, or no answer at all (`code` is `network` then). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Partial<Problem>;
  readonly status: number;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code ?? (this.status === 0 ? 'network' : 'unknown');
  }
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Calls the native API, e.g. `call<Job>('/jobs/17')`. An answer without content is undefined.
 *
 * @throws ApiError with the problem that the server told, or `network` if it cannot be reached
 */
export async function call<T>(
  path: string,
  { method = 'GET', body, headers, signal }: Call = {},
): Promise<T> {
  const init: RequestInit = {
    method,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  };
  const response = await fetch(`/api/v1${path}`, init).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, {});
  });
  const answer: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  if (!response.ok) throw new ApiError(response.status, (answer ?? {}) as Partial<Problem>);
  return answer as T;
}
