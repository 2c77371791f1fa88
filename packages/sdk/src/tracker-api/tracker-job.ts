import type { Connection } from './connection.ts';
import { type EventAnswer, type EventKind, TrackerEvent } from './tracker-event.ts';

export interface JobAnswer {
  readonly id: number;
  readonly provider_job_id: string;
  readonly customer_id: string | number | null;
  readonly provider_job_name: string;
  readonly created_at: string;
}

/** A job that the server has stored. */
export class TrackerJob {
  readonly id: number;
  readonly providerJobId: string;
  readonly customerId: string | number | null;
  readonly name: string;
  readonly createdAt: string;
  readonly #connection: Connection;

  constructor(connection: Connection, answer: JobAnswer) {
    this.#connection = connection;
    this.id = answer.id;
    this.providerJobId = answer.provider_job_id;
    this.customerId = answer.customer_id;
    this.name = answer.provider_job_name;
    this.createdAt = answer.created_at;
  }

  /** Says what became of a step; `name` is its tag. @throws as `TrackerApi` does */
  async sendEvent({
    kind,
    name,
    metadata = {},
  }: {
    readonly kind: EventKind;
    readonly name: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
  }): Promise<TrackerEvent> {
    const body = { kind, name, provider_job_id: this.providerJobId, event_metadata: metadata };
    return new TrackerEvent(
      this.#connection,
      await this.#connection.ask<EventAnswer>('POST', '/events', body),
    );
  }
}
