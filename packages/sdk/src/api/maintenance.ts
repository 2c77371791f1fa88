import type { MaintenanceChangeBody, MaintenanceEntry, MaintenanceStatus } from '@daybook/core';
import type { HttpClient, Query } from '../http/client.ts';
import type { Page } from './jobs.ts';

/** `/maintenance`; changing it is for admins. Every method throws `DaybookApiError` or `DaybookUnreachableError`. */
export class MaintenanceApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async status(): Promise<MaintenanceStatus> {
    return (await this.#http.request<MaintenanceStatus>('GET', '/maintenance')).body;
  }

  /** Pauses, now or for later; or, with `paused: false`, ends every pause that counts now. Answers the new status. */
  async change(change: MaintenanceChangeBody): Promise<MaintenanceStatus> {
    return (await this.#http.request<MaintenanceStatus>('POST', '/maintenance', { body: change })).body;
  }

  /** Ends one pause, or calls one off that is to come. Answers the new status. */
  async end(id: number): Promise<MaintenanceStatus> {
    return (await this.#http.request<MaintenanceStatus>('DELETE', `/maintenance/${id}`)).body;
  }

  /** What was said of maintenance, the newest first. */
  async history(query: Query = {}): Promise<Page<MaintenanceEntry>> {
    return (await this.#http.request<Page<MaintenanceEntry>>('GET', '/maintenance/history', { query })).body;
  }
}
