import { randomUUID } from 'node:crypto';
import type { Job } from '@daybook/core';
import type { RealServer } from '../bed/real-server.ts';

/** A write that was sent, and what it must have left once it is acknowledged. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: object;
  readonly headers: Record<string, string>;
  /** Texts that stand in the diary exactly once after this: messages of events, names of jobs. */
  readonly marks: readonly string[];
}

/**
 * Several who write at once, each one thing after the other, until the server is gone. What was acknowledged and what was
 * not is written down; the latter is sent again with the same keys when the server is back.
 */
export class Load {
  readonly acknowledged: Sent[] = [];
  readonly #server: RealServer;
  #open: Sent[] = [];
  #stopped = false;
  #count = 0;
  /** Jobs that are reported of. */
  jobs: readonly number[] = [];
  /** The job that is edited, and the last version that was acknowledged or seen. */
  edited = { id: 0, version: 1 };

  constructor(server: RealServer) {
    this.#server = server;
  }

  async prepare(): Promise<void> {
    const steps = ['a', 'b', 'c'].map((tag, i) => ({ tag, points: i + 1 }));
    const body = {
      jobs: Array.from({ length: 8 }, (_, i) => ({ name: `reported ${i}`, ...(i % 2 && { steps }) })),
    };
    const made = (await this.#server.ask('POST', '/jobs', body)).body as { items: Job[] };
    this.jobs = made.items.map((job) => job.id);
    this.edited.id = ((await this.#server.ask('POST', '/jobs', { name: 'edited' })).body as Job).id;
  }

  /** Writes until {@link stop}, or until the server does not answer any more. */
  async run(): Promise<void> {
    this.#stopped = false;
    const writers = [
      ...this.jobs.slice(0, 4).map((id) => () => this.#event(id)),
      () => this.#batch(),
      () => this.#newJob(),
      () => this.#newJobs(),
    ];
    await Promise.all([...writers.map((next) => this.#repeat(next)), this.#edit()]);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Sends again what was not acknowledged. Throws if the server does not take it now. */
  async resend(): Promise<void> {
    const open = this.#open;
    this.#open = [];
    for (const sent of open) await this.#send(sent);
    const job = (await this.#server.ask('GET', `/jobs/${this.edited.id}`)).body as Job;
    // An edit that was not acknowledged was made or not, never in part.
    if (job.version < this.edited.version || job.version > this.edited.version + 1)
      throw new Error(`version ${job.version} after ${this.edited.version} was acknowledged`);
    if (job.version > 1 && job.summary !== `version ${job.version}`)
      throw new Error(`version ${job.version} says ${job.summary}`);
    this.edited.version = job.version;
  }

  async #repeat(next: () => Sent): Promise<void> {
    while (!this.#stopped) {
      const sent = next();
      try {
        await this.#send(sent);
      } catch (error) {
        if (error instanceof RefusedError) throw error;
        this.#open.push(sent);
        return;
      }
    }
  }

  async #send(sent: Sent): Promise<void> {
    const { status, text } = await this.#server.ask(sent.method, sent.path, sent.body, sent.headers);
    if (status === 503) throw new Error('its database is out of reach');
    if (status !== 201 && status !== 200)
      throw new RefusedError(`${sent.path} was answered ${status}: ${text}`);
    this.acknowledged.push(sent);
  }

  async #edit(): Promise<void> {
    while (!this.#stopped) {
      const { id, version } = this.edited;
      const body = { version, summary: `version ${version + 1}`, tags: [`v${version + 1}`] };
      try {
        const { status, text } = await this.#server.ask('PATCH', `/jobs/${id}`, body);
        if (status === 503) return;
        if (status !== 200) throw new RefusedError(`an edit was answered ${status}: ${text}`);
        this.edited.version += 1;
      } catch (error) {
        if (error instanceof RefusedError) throw error;
        return;
      }
    }
  }

  #event(jobId: number): Sent {
    const mark = randomUUID();
    return {
      method: 'POST',
      path: `/jobs/${jobId}/events`,
      body: this.#fact(mark),
      headers: {},
      marks: [mark],
    };
  }

  #batch(): Sent {
    const marks = Array.from({ length: 40 }, () => randomUUID());
    const events = marks.map((mark, i) => ({ jobId: this.jobs[i % this.jobs.length], ...this.#fact(mark) }));
    return { method: 'POST', path: '/events', body: { events }, headers: {}, marks };
  }

  /** Everything that changes a row: steps that run, end and fail, progress, errors, ends and new starts. */
  #fact(mark: string): Record<string, unknown> {
    const said = { message: mark, key: mark };
    const n = this.#count++;
    const step = ['a', 'b', 'c'][n % 3] as string;
    const facts = [
      { kind: 'step', step, percent: n % 100 },
      { kind: 'log' },
      { kind: 'step', step, status: n % 5 === 0 ? 'failed' : 'running' },
      { kind: 'progress', percent: n % 90 },
      { kind: 'log' },
      { kind: 'error' },
      { kind: 'link' },
      { kind: 'step', step, status: 'succeeded', metadata: { n } },
    ];
    return { ...facts[n % facts.length], ...said };
  }

  #newJob(): Sent {
    const mark = randomUUID();
    const body = { name: mark, tags: ['x'], info: 'y', metadata: { mark }, steps: [{ tag: 'a' }] };
    return { method: 'POST', path: '/jobs', body, headers: { 'idempotency-key': mark }, marks: [mark] };
  }

  #newJobs(): Sent {
    const marks = Array.from({ length: 5 }, () => randomUUID());
    const jobs = marks.map((mark) => ({ name: mark, externalId: mark, status: 'running' }));
    return { method: 'POST', path: '/jobs', body: { jobs }, headers: {}, marks };
  }
}

/** The server answered, and said no: nothing that a kill, or a database out of reach, may cause. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}
