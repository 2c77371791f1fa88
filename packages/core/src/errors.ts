/**
 * Every error that Daybook answers with, once: a stable code, its HTTP status and its title (RFC 9457). The manual's
 * list and the OpenAPI document are made from this catalogue.
 */
export const errorCatalogue = {
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'The request does not fit its description' },
  invalid_cursor: { status: 400, title: 'The cursor was not made by this list' },
  unauthenticated: { status: 401, title: 'Sign in or send an API key' },
  invalid_credentials: { status: 401, title: 'These credentials are not known' },
  key_expired: { status: 401, title: 'This API key has expired' },
  key_revoked: { status: 401, title: 'This API key was revoked' },
  forbidden: { status: 403, title: 'Your role does not allow this' },
  origin_refused: { status: 403, title: 'Writes from another site are refused' },
  not_found: { status: 404, title: 'There is no such thing, or you may not see it' },
  method_not_allowed: { status: 405, title: 'This address does not take that method' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'This contradicts what is stored' },
  version_conflict: { status: 409, title: 'Somebody else changed it meanwhile' },
  illegal_transition: { status: 409, title: 'The job cannot take this status now' },
  already_exists: { status: 409, title: 'It exists already, with other content' },
  target_busy: { status: 409, title: 'Another active job holds this target' },
  request_in_progress: { status: 409, title: 'The same request is being worked on' },
  lease_lost: { status: 409, title: 'This attempt no longer holds the job' },
  tus_version: { status: 412, title: 'This server speaks tus 1.0.0' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'Send application/json' },
  range_not_satisfiable: { status: 416, title: 'These bytes are not there' },
  host_unknown: { status: 421, title: 'This host name is not served here' },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key belongs to another request' },
  bundle_refused: { status: 422, title: 'The bundle cannot be taken in' },
  upload_locked: { status: 423, title: 'The upload goes on over another connection' },
  version_required: { status: 428, title: 'Say which version you changed' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  checksum_differs: { status: 460, title: 'The bytes are not those that were sent' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Daybook cannot answer just now' },
  query_timeout: { status: 503, title: 'The query took too long and was stopped' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** One fault of a body: `path` is dotted with array indexes in brackets (`events[3].percent`), empty for the whole. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** The wire form of an error: RFC 9457 `application/problem+json` with our `code` and all faults at once. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  readonly requestId?: string;
  /** What a client needs to get out of it, e.g. the id of the job that holds a target. */
  readonly [extra: string]: unknown;
}

/** An error that a caller may see. `detail` is written for people: what happened, what was kept, what to do next. */
export class DaybookError extends Error {
  override readonly name = 'DaybookError';
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    detail: string = errorCatalogue[code].title,
    options: { faults?: readonly Fault[]; extra?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
    this.extra = options.extra ?? {};
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }

  toProblem(requestId?: string): Problem {
    return {
      ...this.extra,
      type: `/diary/help/errors#${this.code}`,
      title: errorCatalogue[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.faults.length > 0 && { errors: this.faults }),
      ...(requestId !== undefined && { requestId }),
    };
  }
}

/** Zod's path as people read it: `steps[2].points`. */
export function faultPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
