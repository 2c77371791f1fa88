import { type EventInput, isEnded } from '@daybook/core';
import { daybook } from '../actor.ts';
import type { Appender } from '../jobs/appender.ts';
import type { Batch } from '../jobs/batch.ts';
import type { Transaction } from '../storage/index.ts';
import type { BundleFault } from './bundle-fault.ts';
import { markReceived } from './uploads.ts';

/** How often a job is told how far its bytes are, milliseconds. */
const TOLD = 1_000;

/** Somebody ended the job while its bytes came. */
export class JobEndedError extends Error {
  override readonly name = 'JobEndedError';
}

/** What an ingest job is told while its bytes come; nobody holds it under a lease then. */
function facts(jobId: number, ...events: EventInput[]): Batch {
  return { actor: daybook, unfenced: true, entries: events.map((event) => ({ jobId, event })) };
}

/**
 * All bytes are safely here: the job waits for a worker. Whoever comes second changes nothing: a worker may have it by then.
 */
export async function handOver(appender: Appender, jobId: number, now: number): Promise<void> {
  await appender.write(async (transaction) => {
    if (await markReceived(transaction, jobId, now)) await tellReceived(appender, transaction, jobId);
  });
}

async function tellReceived(appender: Appender, transaction: Transaction, jobId: number): Promise<void> {
  await appender.appendEachWithin(transaction, [
    facts(jobId, { kind: 'step', step: 'UPLOADING', status: 'succeeded', percent: 100 }),
    {
      ...facts(jobId, {
        kind: 'status',
        status: 'queued',
        message: 'All of it has come.',
        metadata: { reason: 'received' },
      }),
      cause: 'requeue',
    },
  ]);
}

/** It cannot be taken in: the task that it fails in says why, and the job ends. */
export async function tellRefused(
  appender: Appender,
  jobId: number,
  fault: BundleFault,
  { whole }: { readonly whole: boolean },
): Promise<void> {
  const early = whole ? ('succeeded' as const) : ('skipped' as const);
  const before: EventInput[] =
    fault.task === 'UPLOADING' ? [] : [{ kind: 'step', step: 'UPLOADING', status: early }];
  await appender.append(facts(jobId, ...before, ...refusal(fault)));
}

/** What a fault says of its job. */
export function refusal({ task, rule, message }: BundleFault): [EventInput, EventInput] {
  const said = message.slice(0, 30_000);
  return [
    { kind: 'step', step: task, status: 'failed', message: said, metadata: { rule } },
    { kind: 'status', status: 'failed', message: said },
  ];
}

/** Tells a job how much of it has come, now and then, and learns from the answer whether anybody ended it. */
export class UploadTelling {
  readonly #appender: Appender;
  readonly #jobId: number;
  readonly #length: number | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #telling: Promise<void> | undefined;
  #ended = false;

  constructor(appender: Appender, jobId: number, length: number | undefined) {
    this.#appender = appender;
    this.#jobId = jobId;
    this.#length = length;
  }

  /** Says so if it was not said just now; does not wait. Throws {@link JobEndedError}. */
  heard(received: number): void {
    if (this.#ended) throw new JobEndedError(`Job ${this.#jobId} was ended meanwhile.`);
    const now = performance.now();
    if (this.#telling !== undefined || now - this.#toldAt < TOLD) return;
    this.#toldAt = now;
    this.#telling = this.#tell(received).finally(() => {
      this.#telling = undefined;
    });
  }

  /** Nothing is on its way any more. */
  async idle(): Promise<void> {
    await this.#telling;
  }

  async #tell(received: number): Promise<void> {
    const length = this.#length;
    const percent =
      length === undefined ? {} : { percent: Math.min(100, (100 * received) / Math.max(length, 1)) };
    const [outcome] = await this.#appender
      .appendEach([
        facts(this.#jobId, {
          kind: 'step',
          step: 'UPLOADING',
          status: 'running',
          ...percent,
          metadata: { received, ...(length !== undefined && { length }) },
        }),
      ])
      // The bytes matter; how many there are is said again.
      .catch(() => []);
    if (outcome !== undefined && 'job' in outcome && isEnded(outcome.job.status)) this.#ended = true;
  }
}
