import type {
  Source,
  SourceCheck,
  SourceKindView,
  SourceProblem,
  TicketAnswer,
  TicketDeliveryBody,
} from '@daybook/core';
import type { HttpClient } from '../http/client.ts';
import type { Page } from './jobs.ts';

/** A source as it is added; its settings are those of its kind. */
export interface SourceAdd {
  readonly name: string;
  readonly kind: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Who produces its jobs; nobody when left out. */
  readonly provider?: string;
  readonly enabled?: boolean;
}

/** `/sources`; admins only. Every method throws `DaybookApiError` or `DaybookUnreachableError`. */
export class SourcesApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** All of them, by name. */
  async list(): Promise<readonly Source[]> {
    return (await this.#http.request<Page<Source>>('GET', '/sources')).body.items;
  }

  async get(id: number): Promise<Source> {
    return (await this.#http.request<Source>('GET', `/sources/${id}`)).body;
  }

  /** The kinds that the server knows, each with the JSON Schema of its settings. */
  async kinds(): Promise<readonly SourceKindView[]> {
    return (await this.#http.request<Page<SourceKindView>>('GET', '/sources/kinds')).body.items;
  }

  async add(source: SourceAdd): Promise<Source> {
    return (await this.#http.request<Source>('POST', '/sources', { body: source })).body;
  }

  /** `settings` take the place of all that there are. */
  async change(
    id: number,
    patch: { version: number; enabled?: boolean; settings?: Readonly<Record<string, unknown>> },
  ): Promise<Source> {
    return (await this.#http.request<Source>('PATCH', `/sources/${id}`, { body: patch })).body;
  }

  /** Its jobs stay. */
  async remove(id: number): Promise<void> {
    await this.#http.request('DELETE', `/sources/${id}`);
  }

  /** What it can, and cannot read. */
  async test(id: number): Promise<readonly SourceCheck[]> {
    return (await this.#http.request<Page<SourceCheck>>('POST', `/sources/${id}/test`, { timeout: TEST }))
      .body.items;
  }

  /** The same of settings that are not kept. */
  async testSettings(
    kind: string,
    settings: Readonly<Record<string, unknown>>,
  ): Promise<readonly SourceCheck[]> {
    const options = { body: { kind, settings }, timeout: TEST };
    return (await this.#http.request<Page<SourceCheck>>('POST', '/sources/test', options)).body.items;
  }

  /** Looks at it within a second or two. */
  async poll(id: number): Promise<void> {
    await this.#http.request('POST', `/sources/${id}/poll`);
  }

  /** What it could not read, by file. */
  async problems(id: number, query: { limit?: number; cursor?: string } = {}): Promise<Page<SourceProblem>> {
    return (await this.#http.request<Page<SourceProblem>>('GET', `/sources/${id}/problems`, { query })).body;
  }

  /** Brings tickets, see `Daybook.syncTickets`; providers may do that, too. */
  async deliver(delivery: TicketDeliveryBody, signal?: AbortSignal): Promise<TicketAnswer> {
    return (
      await this.#http.request<TicketAnswer>('POST', '/tickets', {
        body: delivery,
        signal,
        timeout: DELIVERY,
      })
    ).body;
  }
}

/** Milliseconds: a test reads the whole directory, a delivery may be 8 MB. */
const TEST = 25_000;
const DELIVERY = 60_000;
