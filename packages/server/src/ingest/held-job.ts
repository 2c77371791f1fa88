import type { ClaimedJob, EventInput, Job } from '@daybook/core';
import { daybook } from '../actor.ts';
import type { Appender } from '../jobs/appender.ts';
import type { Entry } from '../jobs/batch.ts';
import type { Transaction } from '../storage/index.ts';
import type { BundleFault, Task } from './bundle-fault.ts';
import { refusal } from './upload-facts.ts';

/** How often a job is told how far a task is, milliseconds. */
const TOLD = 500;

/** A job that this process works on under a lease: everything that it says of it carries the lease's token. */
export class HeldJob {
  readonly job: Job;
  /** Aborted when the job was canceled, the lease was lost, or this process stops. */
  readonly signal: AbortSignal;
  readonly leaseToken: string;
  readonly #appender: Appender;
  #task: Task | undefined;
  #toldAt = 0;
  #telling: Promise<unknown> = Promise.resolve();

  constructor({ job, leaseToken }: ClaimedJob, appender: Appender, signal: AbortSignal) {
    this.job = job;
    this.leaseToken = leaseToken;
    this.signal = signal;
    this.#appender = appender;
  }

  /** Says that tasks were done before this try began. */
  async done(...tasks: readonly Task[]): Promise<void> {
    await this.#say(
      ...tasks.map((step) => ({ kind: 'step', step, status: 'succeeded', percent: 100 }) as const),
    );
  }

  /** Does a task: it runs, then it is done; what it throws is told by `fail`. */
  async task<T>(task: Task, work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    this.#task = task;
    await this.#say({ kind: 'step', step: task, status: 'running', percent: 0 });
    const result = await work();
    await this.#telling;
    this.signal.throwIfAborted();
    await this.done(task);
    return result;
  }

  /** How far the task is, 0–100; told now and then. */
  percent(percent: number): void {
    const now = performance.now();
    if (this.#task === undefined || now - this.#toldAt < TOLD) return;
    this.#toldAt = now;
    this.#aside({ kind: 'step', step: this.#task, status: 'running', percent: Math.min(100, percent) });
  }

  log(message: string): void {
    this.#aside({ kind: 'log', message, ...(this.#task !== undefined && { step: this.#task }) });
  }

  async metadata(metadata: Record<string, unknown>): Promise<void> {
    await this.#say({ kind: 'metadata', metadata });
  }

  /** What the job turned out to be about. */
  async learn(facts: JobFacts): Promise<void> {
    const changes = changesOf(this.job, facts);
    if (Object.keys(changes).length === 0) return;
    await this.#appender.write(async (transaction) => {
      const { db } = transaction;
      await db
        .updateTable('jobs')
        .set({ ...dropUndefined(facts) })
        .where('id', '=', this.job.id)
        .execute();
      if (facts.project !== undefined)
        await db
          .insertInto('projects')
          .values({ name: facts.project, title: null, created_at: Date.parse(this.job.createdAt) })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .execute();
      // Who may see it has changed.
      this.#appender.forget();
      const event = { kind: 'learned', metadata: changes } as const;
      await this.#appender.appendWithin(transaction, {
        actor: daybook,
        entries: [{ jobId: this.job.id, event }],
      });
    });
  }

  /** It is done; `publish` becomes visible with it. */
  async succeed(publish: (transaction: Transaction) => Promise<void>): Promise<void> {
    await this.#telling;
    await this.#appender.write(async (transaction) => {
      await publish(transaction);
      await this.#appender.appendWithin(transaction, {
        actor: daybook,
        ending: 'succeeded',
        entries: this.#entries({ kind: 'status', status: 'succeeded' }),
      });
    });
  }

  /** It failed in the task of the fault. */
  async fail(fault: BundleFault): Promise<void> {
    await this.#telling;
    const [step, status] = refusal(fault);
    await this.#appender.append({
      actor: daybook,
      ending: 'failed',
      entries: [...this.#entries(step), { ...(this.#entries(status)[0] as Entry), final: true }],
    });
  }

  async #say(...events: EventInput[]): Promise<void> {
    await this.#appender.append({ actor: daybook, entries: this.#entries(...events) });
  }

  /** Not waited for: the next one that is waited for comes after it. */
  #aside(event: EventInput): void {
    this.#telling = this.#say(event).catch(() => undefined);
  }

  #entries(...events: EventInput[]): Entry[] {
    const { leaseToken } = this;
    return events.map((event) => ({ jobId: this.job.id, event: { ...event, leaseToken } }));
  }
}

type JobFacts = { readonly project?: string | undefined; readonly name?: string | undefined };

function dropUndefined({ project, name }: JobFacts): { project?: string; name?: string } {
  return { ...(project !== undefined && { project }), ...(name !== undefined && { name }) };
}

/** `{field: {from, to}}` of what differs. */
function changesOf(job: Job, facts: JobFacts): Record<string, unknown> {
  const known = Object.entries(dropUndefined(facts)) as ['project' | 'name', string][];
  return Object.fromEntries(
    known.flatMap(([field, to]) => (job[field] === to ? [] : [[field, { from: job[field], to }]])),
  );
}
