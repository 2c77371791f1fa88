import type { Job, JobCreateBody, JobEvent, JobPatch, JobSummary, Step } from '@daybook/core';
import type { HttpClient, Query } from '../http/client.ts';

/** One page of a list; `nextCursor` is there while there is more. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
  readonly total?: number;
  readonly totalIsExact?: boolean;
}

/** Filters as `GET /jobs` takes them, as text; several values of one may match. */
export type JobQuery = Query;

/**
 * `/jobs` as it is. Every method throws `DaybookApiError` or `DaybookUnreachableError`.
 */
export class JobsApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async create(job: JobCreateBody, idempotencyKey?: string): Promise<Job> {
    const headers: Record<string, string> =
      idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    return (await this.#http.request<Job>('POST', '/jobs', { body: job, headers })).body;
  }

  async list(query: JobQuery = {}): Promise<Page<JobSummary>> {
    return (await this.#http.request<Page<JobSummary>>('GET', '/jobs', { query })).body;
  }

  async get(id: number): Promise<Job> {
    return (await this.#http.request<Job>('GET', `/jobs/${id}`)).body;
  }

  /** `patch.version` is the version that was read; somebody else's change since then is error `version_conflict`. */
  async patch(id: number, patch: JobPatch): Promise<Job> {
    return (await this.#http.request<Job>('PATCH', `/jobs/${id}`, { body: patch })).body;
  }

  async steps(id: number): Promise<readonly Step[]> {
    return (await this.#http.request<Page<Step>>('GET', `/jobs/${id}/steps`)).body.items;
  }

  async cancel(id: number, message?: string): Promise<Job> {
    return (await this.#http.request<Job>('POST', `/jobs/${id}/cancel`, { body: { message } })).body;
  }

  /** A new attempt of an ended job. */
  async retry(id: number, message?: string): Promise<Job> {
    return (await this.#http.request<Job>('POST', `/jobs/${id}/retry`, { body: { message } })).body;
  }

  /** Facts and log lines, merged in order. */
  async events(id: number, query: Query = {}): Promise<Page<JobEvent>> {
    return (await this.#http.request<Page<JobEvent>>('GET', `/jobs/${id}/events`, { query })).body;
  }

  /** Log lines only. */
  async log(id: number, query: Query = {}): Promise<Page<JobEvent>> {
    return (await this.#http.request<Page<JobEvent>>('GET', `/jobs/${id}/log`, { query })).body;
  }
}
