import { type ErrorCode, errorCatalogue, type Fault, type Problem } from '@daybook/core';

/** The server answered with an error: `problem` is its RFC 9457 body, `code` is of the catalogue in `@daybook/core`. */
export class DaybookApiError extends Error {
  override readonly name = 'DaybookApiError';
  readonly problem: Problem;
  /** Milliseconds that the server asked to wait (`Retry-After`), if it did. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter?: number) {
    super(problemText(problem));
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get code(): ErrorCode {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  get faults(): readonly Fault[] {
    return this.problem.errors ?? [];
  }
}

/** Why, in one sentence for people: what is wrong where, else the detail. A detail that only repeats the title is left out. */
export function problemText({ title, detail = title, errors = [] }: Problem): string {
  if (errors.length === 0) return detail;
  const faults = errors
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ');
  return detail === title ? faults : `${faults} (${detail.replace(/\.$/, '')})`;
}

export type UnreachableReason = 'refused' | 'timeout' | 'aborted' | 'broken' | 'not-daybook' | 'redirect';

/** No answer, or none that comes from a Daybook: connection refused, timed out, broken off, a proxy's page. */
export class DaybookUnreachableError extends Error {
  override readonly name = 'DaybookUnreachableError';
  readonly url: string;
  readonly reason: UnreachableReason;
  readonly retryAfter: number | undefined;

  constructor(
    url: string,
    reason: UnreachableReason,
    detail: string,
    options: { cause?: unknown; retryAfter?: number } = {},
  ) {
    super(detail, { cause: options.cause });
    this.url = url;
    this.reason = reason;
    this.retryAfter = options.retryAfter;
  }
}

/** The caller's own mistake, found before anything was sent. All faults at once. */
export class DaybookUsageError extends Error {
  override readonly name = 'DaybookUsageError';
  readonly faults: readonly Fault[];

  constructor(what: string, faults: readonly Fault[] = []) {
    super([what, ...faults.map((fault) => `${fault.path}: ${fault.message}`)].join('\n  '));
    this.faults = faults;
  }
}

/** Reads a body as a problem if it is one of ours. */
export function asProblem(body: unknown): Problem | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { code, status, title } = body as Partial<Problem>;
  if (typeof code !== 'string' || typeof status !== 'number' || typeof title !== 'string') return undefined;
  // A newer server may know codes that we do not; its status still says what kind of trouble it is.
  return body as Problem;
}

/** What a failed delivery means for what is to be delivered. */
export type Verdict =
  /** The server is away, busy, or does not let us in: the same bytes may pass later. */
  | 'later'
  /** Something in this body will never pass; other bodies may. */
  | 'poison'
  /** What this is about is gone or contradicts what is stored. */
  | 'refused';

export function verdictOn(error: unknown): Verdict {
  if (!(error instanceof DaybookApiError)) return 'later';
  switch (error.code) {
    case 'malformed_json':
    case 'invalid_request':
    case 'payload_too_large':
      return 'poison';
    case 'not_found':
    case 'conflict':
    case 'already_exists':
    case 'illegal_transition':
    case 'target_busy':
    case 'lease_lost':
    case 'idempotency_key_reused':
      return 'refused';
    default:
      return error.code in errorCatalogue || error.status >= 500 || error.status === 429
        ? 'later'
        : 'refused';
  }
}

/** Failures that come at once and will hardly be over within seconds. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof DaybookUnreachableError)
    return error.reason === 'refused' || error.reason === 'not-daybook';
  return error instanceof DaybookApiError && (error.status === 401 || error.status === 403);
}

/** Milliseconds that the server asked to wait before the next try. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof DaybookApiError || error instanceof DaybookUnreachableError
    ? error.retryAfter
    : undefined;
}
