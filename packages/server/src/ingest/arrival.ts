import { DaybookError } from '@daybook/core';
import type { Actor } from '../actor.ts';
import { cancelJob } from '../jobs/edit-jobs.ts';
import { BundleFault } from './bundle-fault.ts';
import { Incoming } from './incoming.ts';
import type { IntakeParts } from './intake-parts.ts';
import { readMetadata } from './metadata.ts';
import type { Reception } from './reception.ts';
import { handOver, tellRefused, UploadTelling } from './upload-facts.ts';
import { findUpload, touchUpload } from './uploads.ts';

/** A sender that was heard within this time is not interrupted by another, milliseconds. */
const ALIVE = 2_000;

/**
 * A bundle whose bytes come just now: they go to the archive, its job is told how many there are, and what cannot be
 * taken in is refused as early as it is known. It ends with one of `finish`, `pause`, `refuse`.
 */
export class Arrival {
  /** Called once when nothing more is done here. */
  onOver = () => {};
  readonly #parts: IntakeParts;
  readonly #reception: Reception;
  readonly #telling: UploadTelling;
  readonly #done = new AbortController();
  #incoming: Incoming | undefined;
  readonly #over = Promise.withResolvers<void>();
  #early: 'not asked' | 'asked' | BundleFault = 'not asked';
  #asking: Promise<void> | undefined;
  #heardAt = performance.now();

  constructor(parts: IntakeParts, reception: Reception, length: number | undefined) {
    this.#parts = parts;
    this.#reception = reception;
    this.#telling = new UploadTelling(parts.jobs.appender, reception.jobId, length);
  }

  get jobId(): number {
    return this.#reception.jobId;
  }

  /** Bytes that have come. */
  get received(): number {
    return this.#reception.received;
  }

  /**
   * Takes bytes until there are no more. `BundleFault`: they cannot be taken in, `refuse` it; `JobEndedError`: somebody
   * ended the job; anything else is the sender's or the store's, and `pause` keeps what came. `length`: most bytes in all.
   */
  async take(source: Incoming | readonly Uint8Array[], length?: number): Promise<void> {
    if (source instanceof Incoming) this.#incoming = source;
    for await (const value of source) {
      this.#heardAt = performance.now();
      if (length !== undefined && this.received + value.length > length)
        throw new DaybookError(
          'payload_too_large',
          `More came than the ${length} bytes that were announced.`,
        );
      await this.#reception.write(value);
      this.#telling.heard(this.received);
      this.#refuseEarly();
    }
    // Of a bundle that is whole the worker asks, and keeps its bytes for another try.
    if (length === undefined || this.received >= length) return;
    await this.#asking;
    if (this.#early instanceof BundleFault) throw this.#early;
  }

  /** All bytes have come: answers when they are safe and the job waits for a worker. Throws `BundleFault`. */
  async finish(): Promise<void> {
    const { jobs, clock } = this.#parts;
    await this.#telling.idle();
    await this.#reception.finish();
    await handOver(jobs.appender, this.jobId, clock.now());
    this.#end();
  }

  /** Keeps what came, for its sender to go on. Answers how many bytes are safe. Throws `BundleFault`: `refuse` it. */
  async pause(): Promise<number> {
    const { jobs, clock, expiry } = this.#parts;
    try {
      await this.#telling.idle();
      const safe = await this.#reception.pause();
      // What was parsed last may have been the metadata; whoever goes on would not see it again.
      this.#refuseEarly();
      await this.#asking;
      this.#refuseEarly();
      const now = clock.now();
      await touchUpload(jobs.store, this.jobId, now, now + expiry);
      return safe;
    } finally {
      this.#end();
    }
  }

  /** Removes what came, and fails the job in the task of the fault. */
  async refuse(fault: BundleFault, { whole = false } = {}): Promise<void> {
    try {
      await this.#telling.idle();
      await tellRefused(this.#parts.jobs.appender, this.jobId, fault, { whole });
      await this.#reception.discard();
    } finally {
      this.#end();
    }
  }

  /** Its sender gives it up: removes what came, and cancels the job. */
  async cancel(actor: Actor): Promise<void> {
    await cancelJob(this.#parts.jobs.appender, actor, this.jobId, 'Its sender gave it up.');
    await this.discard();
  }

  /** Removes what came; the job has ended already. */
  async discard(): Promise<void> {
    try {
      await this.#telling.idle();
      await this.#reception.discard();
    } finally {
      this.#end();
    }
  }

  /** Another sender comes for it: one that has been silent makes room, one that sends does not. Throws `upload_locked`. */
  async yieldTo(): Promise<void> {
    if (performance.now() - this.#heardAt < ALIVE) throw new DaybookError('upload_locked');
    await this.leave();
  }

  /** Stops whoever sends, and waits until what came is safe. */
  async leave(): Promise<void> {
    this.#incoming?.stop(new DaybookError('upload_locked', 'The upload goes on over another connection.'));
    await this.#over.promise;
  }

  /** Asks the policy as soon as the metadata is known, beside the bytes; what it says counts with the next of them. */
  #refuseEarly(): void {
    if (this.#early instanceof BundleFault) throw this.#early;
    const { metadata } = this.#reception;
    if (this.#early !== 'not asked' || metadata === undefined) return;
    this.#early = 'asked';
    this.#asking = this.#askPolicy(metadata).catch((error: unknown) => {
      if (error instanceof BundleFault) this.#early = error;
      // The worker asks again, with patience.
      else this.#parts.log.debug({ err: error, job: this.jobId }, 'the policy could not be asked early');
    });
  }

  async #askPolicy(bytes: Uint8Array): Promise<void> {
    const { jobs, policy } = this.#parts;
    const metadata = await readMetadata([bytes]);
    const upload = await findUpload(jobs.store.read, this.jobId);
    const question = {
      metadata,
      document: () => bytes,
      user: upload?.user_name ?? '',
    };
    try {
      await policy.check(question, this.#done.signal, 'now');
    } catch (error) {
      if (error instanceof BundleFault && error.rule === 'policy-away') return;
      throw error;
    }
  }

  #end(): void {
    this.#done.abort();
    this.#over.resolve();
    this.onOver();
  }
}
