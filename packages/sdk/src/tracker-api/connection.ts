import { type Fault, release } from '@daybook/core';
import { DaybookUnreachableError, DaybookUsageError } from '../http/errors.ts';
import { defaultPace } from '../http/retry.ts';
import { checkedKey } from '../settings.ts';
import { TrackerApiError, TrackerKeyError } from './errors.ts';

/** The backend of trackerapi: JSON both ways under a key. One request, one answer, no second try. */
export class Connection {
  readonly #url: string;
  readonly #key: string;

  /** @throws DaybookUsageError if the address or the key cannot be one */
  constructor(baseUrl: string, apiKey: string) {
    const url = URL.parse(baseUrl);
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      throw new DaybookUsageError('baseUrl is no address, e.g. http://127.0.0.1:8080/tracker');
    this.#url = baseUrl.replace(/\/+$/, '');
    this.#key = checkedKey(apiKey, 'apiKey');
  }

  /**
   * @throws TrackerApiError (TrackerKeyError for the key) when the server refuses, DaybookUnreachableError when nobody
   * answers, or somebody who is no backend of trackerapi
   */
  async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const { status, text } = await this.#send(method, path, body);
    const answer = jsonIn(text);
    if (status === 200 && answer !== undefined) return answer as T;
    const { detail, errors } = (answer ?? {}) as { detail?: unknown; errors?: readonly Fault[] };
    if (status === 200 || detail === undefined)
      throw new DaybookUnreachableError(
        this.#url,
        'not-daybook',
        `${this.#url} answers ${status}, but not as Daybook does; baseUrl ends in /tracker`,
      );
    const why = typeof detail === 'string' ? detail : JSON.stringify(detail);
    const refusal = status === 401 || status === 403 ? TrackerKeyError : TrackerApiError;
    throw new refusal(status, why, Array.isArray(errors) ? errors : []);
  }

  async #send(method: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers: {
          accept: 'application/json',
          'user-agent': `daybook-sdk/${release}`,
          // The spelling of the contract is x-api_key, but some proxies drop names with an underscore.
          'x-api-key': this.#key,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        redirect: 'manual',
        signal: AbortSignal.timeout(defaultPace.requestTimeout),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const isLate = error instanceof Error && error.name === 'TimeoutError';
      const detail = isLate ? `${this.#url} does not answer in time` : `no connection to ${this.#url}`;
      throw new DaybookUnreachableError(this.#url, isLate ? 'timeout' : 'broken', detail, { cause: error });
    }
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
