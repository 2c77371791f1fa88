import type { FileConfiguration } from '@daybook/core';
import { Connection } from './connection.ts';
import { fromWire, type JobConfig, toWire } from './job-configs.ts';
import { type JobAnswer, TrackerJob } from './tracker-job.ts';

export interface TrackerApiOptions {
  readonly apiKey: string;
  /** Where Daybook's `/tracker` is; http://localhost:8000 when left out, as in the Python client. */
  readonly baseUrl?: string;
  /** True leaves out asking whether the key is good. */
  readonly skipVerify?: boolean;
}

/** A configuration as the server keeps it. */
export type RegisteredJobConfig = JobConfig & {
  readonly id: number;
  readonly providerId: number;
  readonly createdAt: string;
};

type ConfigurationAnswer = FileConfiguration & { id: number; provider_id: number; created_at: string };

/**
 * The client of trackerapi, with its names (contracts/trackerapi.md). For new scripts there is {@link Daybook}, which loses
 * nothing when the server is away; this one throws then, as its clients know it.
 *
 * Every method throws `TrackerKeyError` if the key is no good, `TrackerApiError` if the server refuses what was sent,
 * and `DaybookUnreachableError` if there is no answer.
 *
 * @example
 * const tracker = new TrackerApi({ apiKey, baseUrl: 'http://127.0.0.1:8080/tracker' });
 * const job = await tracker.createJob({ providerJobId: crypto.randomUUID(), customerId: 142, tag: 'my_job' });
 * await job.sendEvent({ kind: 'step', name: 'say_hello', metadata: { Message: 'Hello' } });
 */
export class TrackerApi {
  /** Resolves once the key was found good (at once with `skipVerify`). Every other method waits for it. */
  readonly verified: Promise<void>;
  readonly #connection: Connection;

  /** Begins to verify the key. @throws DaybookUsageError if the address or the key cannot be one */
  constructor({ apiKey, baseUrl = 'http://localhost:8000', skipVerify = false }: TrackerApiOptions) {
    this.#connection = new Connection(baseUrl, apiKey);
    this.verified = skipVerify ? Promise.resolve() : this.#verify();
    // Whoever waits for it is told; nobody else is to be struck down by it.
    this.verified.catch(() => undefined);
  }

  /** Stores a configuration; the same tag, version and content again is fine. */
  async registerJobConfig(config: JobConfig): Promise<RegisteredJobConfig> {
    await this.verified;
    const answer = await this.#connection.ask<ConfigurationAnswer>(
      'POST',
      '/job_configurations',
      toWire(config),
    );
    return {
      ...fromWire(answer),
      id: answer.id,
      providerId: answer.provider_id,
      createdAt: answer.created_at,
    };
  }

  /**
   * Creates the job that this script is about to do. `tag` is a configuration's tag or name; one that means nothing makes a
   * job without steps. `providerJobId` must be new.
   */
  async createJob({
    providerJobId,
    customerId,
    tag,
  }: {
    readonly providerJobId: string;
    readonly customerId: number | string;
    readonly tag: string;
  }): Promise<TrackerJob> {
    await this.verified;
    const body = { provider_job_id: providerJobId, customer_id: customerId, tag };
    return new TrackerJob(this.#connection, await this.#connection.ask<JobAnswer>('POST', '/jobs', body));
  }

  async #verify(): Promise<void> {
    await this.#connection.ask<string>('GET', '/api-keys/protected');
  }
}
