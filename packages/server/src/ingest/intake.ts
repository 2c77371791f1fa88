import { DaybookError, isEnded, type Job, type JobCreate, type JobStatus } from '@daybook/core';
import type { Actor } from '../actor.ts';
import { findBuiltIn } from '../configurations/built-in.ts';
import type { Transaction } from '../storage/index.ts';
import { Arrival } from './arrival.ts';
import { BundleFault } from './bundle-fault.ts';
import type { IntakeParts } from './intake-parts.ts';
import { numbersFrom } from './numbers.ts';
import type { Reception } from './reception.ts';
import { ingestRecipe, moveRecipe } from './recipes.ts';
import { handOver, tellRefused } from './upload-facts.ts';
import { keepUpload, type Upload, type UploadOrder } from './uploads.ts';

/** Where the jobs of bundles come from: makes the numbers of an old unique-id service unique. */
export const INGEST_SOURCE = 'ingest';

/** Where bundles begin: makes the job of each, and opens the archive for its bytes. */
export class Intake {
  readonly parts: IntakeParts;
  /** Those whose bytes come to this process just now, by job. */
  readonly #open = new Map<number, Arrival>();

  constructor(parts: IntakeParts) {
    this.parts = parts;
  }

  /** A new bundle, with a job of its own. Throws what making a job throws, and `unavailable`. */
  async begin(actor: Actor, order: UploadOrder, signal: AbortSignal): Promise<Arrival> {
    return this.#arrive(await this.#newJob(actor, order, signal), order);
  }

  /** A bundle of files on the server: nothing has to come, a worker fetches them. Answers the job. */
  async beginMove(actor: Actor, order: UploadOrder, signal: AbortSignal): Promise<number> {
    return await this.#newJob(actor, order, signal);
  }

  /** Job and upload are made at once: neither is ever found without the other. */
  async #newJob(actor: Actor, order: UploadOrder, signal: AbortSignal): Promise<number> {
    const { jobs, numbers } = this.parts;
    const externalId =
      numbers === undefined ? undefined : String(await numbersFrom(numbers, 'upload_job', 1, signal));
    const { body } = await jobs.create(actor, [jobOf(order, externalId)], {
      many: false,
      findRecipe: findBuiltIn,
      alongside: async (transaction, { ids: [id], existed: [isTaken] }) => {
        if (isTaken)
          throw new DaybookError(
            'unavailable',
            `The unique-id service gave ${externalId} before. Try again.`,
          );
        await this.#keep(transaction, id as number, actor, order);
      },
    });
    return (body as Job).id;
  }

  async #keep(transaction: Transaction, jobId: number, actor: Actor, order: UploadOrder): Promise<void> {
    const now = this.parts.clock.now();
    await keepUpload(transaction, jobId, actor, order, { now, expiresAt: now + this.parts.expiry });
  }

  /** The bytes of a failed job once more. Throws `not_found`, `illegal_transition`. */
  async beginAgain(actor: Actor, jobId: number, order: UploadOrder): Promise<Arrival> {
    const { jobs, receptions } = this.parts;
    const { appender } = jobs;
    const job = await jobs.get(actor.scope, jobId);
    if (job.configuration?.tag !== ingestRecipe.tag || job.status !== 'failed')
      throw new DaybookError(
        'illegal_transition',
        `Job ${jobId} is no ingest that failed. Nothing was stored.`,
      );
    const before = await receptions.ofJob(jobId);
    if (before?.state === 'receiving') await (await receptions.resume(before.bundleId)).discard();
    else if (before !== undefined) await (await receptions.received(before.bundleId)).discard();
    await appender.write(async (transaction) => {
      const say = (status: 'queued' | 'running') => [{ jobId, event: { kind: 'status', status } as const }];
      await appender.appendEachWithin(transaction, [
        { actor, unfenced: true, cause: 'retry', entries: say('queued') },
        { actor, unfenced: true, cause: 'report', entries: say('running') },
      ]);
      await this.#keep(transaction, jobId, actor, order);
    });
    return this.#arrive(jobId, order);
  }

  /** What came whole when its process died, before its job knew, is handed over now. True if it has come whole. */
  async isWhole({ job_id: jobId, received_at }: Upload): Promise<boolean> {
    if (received_at !== null) return true;
    const bundle = await this.parts.receptions.ofJob(jobId);
    if (bundle?.state !== 'received') return false;
    await handOver(this.parts.jobs.appender, jobId, this.parts.clock.now());
    return true;
  }

  /**
   * Goes on with an upload where it stopped. Throws `upload_locked` while bytes of it come elsewhere, `not_found` when
   * nothing is left of it.
   */
  async resume({ job_id: jobId, length }: Upload): Promise<Arrival> {
    await this.#open.get(jobId)?.yieldTo();
    const bundle = await this.parts.receptions.ofJob(jobId);
    if (bundle?.state !== 'receiving')
      throw new DaybookError(
        'not_found',
        `Upload ${jobId} is over. See job ${jobId}; send it again if it failed.`,
      );
    try {
      const reception = await this.parts.receptions.resume(bundle.bundleId);
      await this.#refuseEnded(reception);
      return this.#remember(new Arrival(this.parts, reception, length ?? undefined));
    } catch (error) {
      if (error instanceof DaybookError && error.code === 'conflict')
        throw new DaybookError('upload_locked', undefined, { cause: error });
      throw error;
    }
  }

  /** Somebody may have ended the job while nothing came: what came before is removed then. */
  async #refuseEnded(reception: Reception): Promise<void> {
    const { jobId } = reception;
    const row = await this.parts.jobs.store.read
      .selectFrom('jobs')
      .select('status')
      .where('id', '=', jobId)
      .executeTakeFirstOrThrow();
    if (!isEnded(row.status as JobStatus)) return;
    await reception.discard();
    throw new DaybookError('not_found', `Job ${jobId} is ${row.status}: nothing more is taken for it.`);
  }

  /** Nothing more comes to this process: whoever sends is told, and what came is made safe. */
  async close(): Promise<void> {
    await Promise.allSettled(Array.from(this.#open.values(), (arrival) => arrival.leave()));
  }

  async #arrive(jobId: number, order: UploadOrder): Promise<Arrival> {
    const { jobs, receptions } = this.parts;
    try {
      const reception = await receptions.open(jobId);
      return this.#remember(new Arrival(this.parts, reception, order.length));
    } catch (error) {
      const message = 'The archive cannot take anything just now. Nothing was kept: send it again.';
      const fault = new BundleFault('UPLOADING', 'archive-away', message, { cause: error });
      await tellRefused(jobs.appender, jobId, fault, { whole: false });
      throw error;
    }
  }

  #remember(arrival: Arrival): Arrival {
    this.#open.set(arrival.jobId, arrival);
    arrival.onOver = () => {
      if (this.#open.get(arrival.jobId) === arrival) this.#open.delete(arrival.jobId);
    };
    return arrival;
  }
}

function jobOf(order: UploadOrder, externalId: string | undefined): JobCreate {
  const { tag } = order.door === 'move' ? moveRecipe : ingestRecipe;
  return {
    configuration: tag,
    kind: 'ingest',
    source: INGEST_SOURCE,
    execution: 'claimed',
    // Files of a move are here already: it waits for a worker.
    status: order.door === 'move' ? 'queued' : 'running',
    user: order.user,
    ...(order.name !== undefined && { name: order.name }),
    ...(externalId !== undefined && { externalId }),
  };
}
