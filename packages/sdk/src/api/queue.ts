import type {
  ClaimAnswer,
  ClaimBody,
  CompleteBody,
  HeartbeatAnswer,
  LeaseState,
  Leases,
  ReleaseBody,
  Settled,
  SettledItem,
} from '@daybook/core';
import type { HttpClient } from '../http/client.ts';

export type Lease = Leases['leases'][number];
export type CompleteItem = CompleteBody['items'][number];
export type ReleaseItem = ReleaseBody['items'][number];

/** How long the server may take for a claim beyond its `wait`, milliseconds. */
const CLAIM_ANSWER = 10_000;

/**
 * `/queue` as workers use it; `daybook.worker` does all of this by itself. Every method throws `DaybookApiError` or
 * `DaybookUnreachableError`; that one item of a batch was refused is told in its place of the answer.
 */
export class QueueApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** Takes waiting jobs under a lease. Without any, the server holds the request open for `wait` seconds (0–30). */
  async claim(claim: ClaimBody, signal?: AbortSignal): Promise<ClaimAnswer> {
    const timeout = (claim.wait ?? 0) * 1_000 + CLAIM_ANSWER;
    const options = { body: claim, signal, timeout };
    return (await this.#http.request<ClaimAnswer>('POST', '/queue/claim', options)).body;
  }

  /** Says that the worker lives. At most 500 leases; answers in their order. */
  async heartbeat(leases: readonly Lease[]): Promise<readonly LeaseState[]> {
    const { body } = await this.#http.request<HeartbeatAnswer>('POST', '/queue/heartbeat', {
      body: { leases },
    });
    return body.items;
  }

  /** Ends jobs. Saying the same again with the same token is fine. At most 500 items; answers in their order. */
  async complete(items: readonly CompleteItem[], signal?: AbortSignal): Promise<readonly SettledItem[]> {
    return await this.#settle('/queue/complete', items, signal);
  }

  /** Gives jobs back; no try is counted. At most 500 items; answers in their order. */
  async release(items: readonly ReleaseItem[], signal?: AbortSignal): Promise<readonly SettledItem[]> {
    return await this.#settle('/queue/release', items, signal);
  }

  async #settle(path: string, items: readonly object[], signal: AbortSignal | undefined) {
    return (await this.#http.request<Settled>('POST', path, { body: { items }, signal })).body.items;
  }
}
