import type { Connection } from './connection.ts';

/** `step` says that the step is done; the others are its states. */
export type EventKind = 'step' | 'Pending' | 'In progress' | 'Complete' | 'Error';

export interface EventAnswer {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly created_at: string;
  readonly event_metadata?: Readonly<Record<string, unknown>>;
  readonly applied?: boolean;
  readonly detail?: string;
}

/** An event that the server has stored. */
export class TrackerEvent {
  readonly id: number;
  readonly kind: string;
  /** Tag of its step. */
  readonly name: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  /** False if it changed nothing, e.g. because the job has no such step; `detail` says why. */
  readonly applied: boolean;
  readonly detail: string | undefined;
  readonly #connection: Connection;

  constructor(connection: Connection, answer: EventAnswer) {
    this.#connection = connection;
    this.id = answer.id;
    this.kind = answer.kind;
    this.name = answer.name;
    this.metadata = answer.event_metadata ?? {};
    this.createdAt = answer.created_at;
    this.applied = answer.applied ?? true;
    this.detail = answer.detail;
  }

  /** Lets the step of this event take a new state. Answers the event as it is then. @throws as `TrackerApi` does */
  async update({
    kind,
    metadata = {},
  }: {
    readonly kind: EventKind;
    readonly metadata?: Readonly<Record<string, unknown>>;
  }): Promise<TrackerEvent> {
    const body = { kind, id: this.id, event_metadata: metadata };
    return new TrackerEvent(
      this.#connection,
      await this.#connection.ask<EventAnswer>('POST', '/update_event', body),
    );
  }
}
