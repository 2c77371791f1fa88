import type { Bundle, BundleMember, ExportForm, Incident, Verification } from '@daybook/core';
import type { HttpClient, Query } from '../http/client.ts';
import type { Page } from './jobs.ts';

/** The key that receipts are checked with. */
export interface ReceiptKey {
  readonly id: string;
  /** PEM. */
  readonly publicKey: string;
}

/** What was found when a bundle was read anew. */
export interface VerificationHistory {
  readonly items: readonly Verification[];
  readonly incidents: readonly Incident[];
}

/** `/bundles` as it is. Every method throws `DaybookApiError` or `DaybookUnreachableError`. */
export class BundlesApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** Filters `jobId`, `project`, `since`, `verified`. */
  async list(query: Query = {}): Promise<Page<Bundle>> {
    return (await this.#http.request<Page<Bundle>>('GET', '/bundles', { query })).body;
  }

  /** The bundle of a job; undefined while, or if, there is none. */
  async ofJob(jobId: number): Promise<Bundle | undefined> {
    return (await this.list({ jobId })).items[0];
  }

  /** What lies in a folder of it; with `flat`, all of its files. */
  async members(id: number, query: Query = {}): Promise<Page<BundleMember>> {
    return (await this.#http.request<Page<BundleMember>>('GET', `/bundles/${id}/members`, { query })).body;
  }

  /** Has it read anew, whole; its verifications say what came of it. */
  async verify(id: number): Promise<Verification> {
    return (await this.#http.request<Verification>('POST', `/bundles/${id}/verify`)).body;
  }

  async verifications(id: number): Promise<VerificationHistory> {
    return (await this.#http.request<VerificationHistory>('GET', `/bundles/${id}/verifications`)).body;
  }

  async receiptKey(): Promise<ReceiptKey> {
    return (await this.#http.request<ReceiptKey>('GET', '/receipt-key')).body;
  }

  /** The signed receipt, a DSSE envelope. */
  async receipt(id: number, signal?: AbortSignal): Promise<Response> {
    return this.#http.open(`/bundles/${id}/receipt`, { signal });
  }

  /** `manifest.json`, which the receipt names. */
  async manifest(id: number, signal?: AbortSignal): Promise<Response> {
    return this.#http.open(`/bundles/${id}/manifest`, { signal });
  }

  /** The bytes of one file of it. */
  async file(id: number, path: string, signal?: AbortSignal): Promise<Response> {
    return this.#http.open(`/bundles/${id}/file`, { query: { path }, signal });
  }

  /** The whole of it as a tar, in one of the forms that others read. */
  async export(id: number, form: ExportForm, signal?: AbortSignal): Promise<Response> {
    return this.#http.open(`/bundles/${id}/export`, { query: { as: form }, signal });
  }
}
