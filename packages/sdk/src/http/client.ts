import { release } from '@daybook/core';
import { asProblem, DaybookApiError, DaybookUnreachableError, type UnreachableReason } from './errors.ts';
import { parseRetryAfter } from './retry.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
export type Query = Readonly<
  Record<string, string | number | boolean | readonly (string | number)[] | undefined>
>;

export interface RequestOptions {
  readonly query?: Query;
  /** Sent as JSON; a string is taken to be JSON already. */
  readonly body?: unknown;
  /** The body, as it is made; its media type is among the headers. */
  readonly bytes?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; the client's own when left out. */
  readonly timeout?: number;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface HttpClientOptions {
  readonly url: string;
  readonly apiKey: string | undefined;
  readonly fetch: Fetch;
  readonly timeout: number;
  readonly now: () => number;
}

/**
 * The one way in which sdk and command line talk to a server. Paths are below `/api/v1`.
 *
 * @throws DaybookApiError when the server answers with an error
 * @throws DaybookUnreachableError when there is no answer, or none of a Daybook
 */
export class HttpClient {
  readonly url: string;
  readonly #options: HttpClientOptions;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.url = options.url;
  }

  get hasKey(): boolean {
    return this.#options.apiKey !== undefined;
  }

  async request<T>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
    const signals = [AbortSignal.timeout(options.timeout ?? this.#options.timeout), options.signal];
    const signal = AbortSignal.any(signals.filter((each) => each !== undefined));
    try {
      const response = await this.#send(method, path, { ...options, signal });
      const text = await response.text();
      if (response.ok)
        return { status: response.status, headers: response.headers, body: this.#parse(response, text) as T };
      throw this.#failure(response, text);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Opens a response whose body is read as it comes; ends only by `signal`. */
  async open(path: string, options: Omit<RequestOptions, 'body' | 'timeout'>): Promise<Response> {
    try {
      const response = await this.#send('GET', path, options);
      if (response.ok) return response;
      throw this.#failure(response, await response.text());
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #send(method: string, path: string, options: RequestOptions): Promise<Response> {
    const { body, bytes } = options;
    return this.#options.fetch(this.url + path + queryText(options.query), {
      method,
      headers: {
        accept: 'application/json',
        'user-agent': `daybook-sdk/${release}`,
        ...(this.#options.apiKey !== undefined && { authorization: `Bearer ${this.#options.apiKey}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      // A redirect would silently turn a POST into a GET; we say where the server is instead.
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(bytes !== undefined && { body: bytes, duplex: 'half' }),
      ...(options.signal !== undefined && { signal: options.signal }),
    } as RequestInit);
  }

  #parse(response: Response, text: string): unknown {
    if (text === '') return undefined;
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('text/plain')) return text;
    const value = parseJson(text);
    if (value === undefined)
      throw this.#unreachable('not-daybook', `${this.url} answers, but not as a Daybook does`);
    return value;
  }

  #failure(response: Response, text: string): Error {
    const retryAfter = parseRetryAfter(response.headers.get('retry-after'), this.#options.now());
    const problem = asProblem(parseJson(text));
    if (problem !== undefined) return new DaybookApiError(problem, retryAfter);
    if (response.status >= 300 && response.status < 400) {
      return this.#unreachable(
        'redirect',
        `${this.url} redirects to ${response.headers.get('location') ?? 'nowhere'}; use that address`,
      );
    }
    return this.#unreachable(
      'not-daybook',
      `${this.url} answers ${response.status}, but not as a Daybook does`,
      { retryAfter },
    );
  }

  #explain(error: unknown): Error {
    if (error instanceof DaybookApiError || error instanceof DaybookUnreachableError) return error;
    const name = error instanceof Error ? error.name : '';
    if (name === 'TimeoutError')
      return this.#unreachable('timeout', `${this.url} does not answer in time`, { cause: error });
    if (name === 'AbortError')
      return this.#unreachable('aborted', `the request to ${this.url} was given up`, { cause: error });
    const code = systemCode(error);
    if (code === 'ECONNREFUSED')
      return this.#unreachable('refused', `no server at ${this.url}`, { cause: error });
    const why = code === undefined ? '' : ` (${code})`;
    return this.#unreachable('broken', `no connection to ${this.url}${why}`, { cause: error });
  }

  #unreachable(
    reason: UnreachableReason,
    detail: string,
    options: { cause?: unknown; retryAfter?: number | undefined } = {},
  ) {
    return new DaybookUnreachableError(this.url, reason, detail, {
      cause: options.cause,
      ...(options.retryAfter !== undefined && { retryAfter: options.retryAfter }),
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch hides the system's code in causes, and in the errors of an AggregateError when a name has several addresses. */
function systemCode(error: unknown): string | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth++) {
    const { code } = each as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
    if (each instanceof AggregateError && each.errors.length > 0) return systemCode(each.errors[0]);
  }
  return undefined;
}

function queryText(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) parameters.append(name, String(each));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
