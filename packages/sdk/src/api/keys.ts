import type { Role } from '@daybook/core';
import type { HttpClient } from '../http/client.ts';
import type { Page } from './jobs.ts';

/** An API key as it is listed; times are ISO 8601. */
export interface ApiKey {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** Its first characters: enough to recognise, not enough to use. */
  readonly prefix: string;
  readonly provider: string | null;
  readonly projects: readonly string[] | null;
  readonly note: string | null;
  readonly createdAt: string;
  readonly createdBy: string | null;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

export interface ApiKeyCreate {
  readonly name: string;
  readonly role: Role;
  /** For viewers and editors: which projects; `['*']` is all. */
  readonly projects?: readonly string[];
  readonly provider?: string;
  readonly expiresAt?: string;
  readonly note?: string;
}

/** `/keys`; admins only. Every method throws `DaybookApiError` or `DaybookUnreachableError`. */
export class KeysApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** All of them, newest first, revoked ones too. */
  async list(): Promise<readonly ApiKey[]> {
    const keys: ApiKey[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 500, cursor };
      const { body } = await this.#http.request<Page<ApiKey>>('GET', '/keys', { query });
      keys.push(...body.items);
      cursor = body.nextCursor;
    } while (cursor !== undefined);
    return keys;
  }

  /** The answer's `key` is shown this once. */
  async create(key: ApiKeyCreate): Promise<ApiKey & { readonly key: string }> {
    return (await this.#http.request<ApiKey & { key: string }>('POST', '/keys', { body: key })).body;
  }

  async revoke(id: number): Promise<void> {
    await this.#http.request('DELETE', `/keys/${id}`);
  }
}
