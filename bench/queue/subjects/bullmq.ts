import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import pg from 'pg';
import type { Application, Site, Subject } from '../subject.ts';

const QUEUE = 'no-op';
const CONCURRENCY = 32;
const PER_CALL = 1_000;

/** BullMQ on its PostgreSQL backend; the pool is as large as the concurrency, as its documentation asks. */
export function bullMq(): Subject {
  return {
    name: 'bullmq, postgres',
    settings: `createPostgresBackend, concurrency ${CONCURRENCY}, max ${CONCURRENCY}, removeOnComplete`,
    recovery: 'lockDuration 30 s, looked for every stalledInterval of 30 s',
    async prepare(databaseUrl): Promise<Site> {
      const client = new pg.Client(databaseUrl);
      await client.connect();
      await runMigrations(client);
      await client.end();
      return { address: { databaseUrl }, close: async () => {} };
    },
    async join(address) {
      return new BullApplication(address['databaseUrl'] as string);
    },
  };
}

class BullApplication implements Application {
  readonly #options: { connection: { connectionString: string; max: number } };
  readonly #queue: Queue;
  #worker: Worker | undefined;

  constructor(connectionString: string) {
    this.#options = { connection: { connectionString, max: CONCURRENCY } };
    this.#queue = new Queue(QUEUE, this.#options, createPostgresBackend) as unknown as Queue;
  }

  async add(count: number, note: number): Promise<void> {
    const job = { name: 'no-op', data: { note }, opts: { removeOnComplete: true } };
    if (count === 1) {
      await this.#queue.add(job.name, job.data, job.opts);
      return;
    }
    for (let from = 0; from < count; from += PER_CALL)
      await this.#queue.addBulk(Array.from({ length: Math.min(PER_CALL, count - from) }, () => job));
  }

  async work(handle: (note: number) => Promise<void>): Promise<void> {
    this.#worker = new Worker(
      QUEUE,
      async (job) => handle(job.data.note),
      { ...this.#options, concurrency: CONCURRENCY },
      createPostgresBackend,
    ) as unknown as Worker;
    this.#worker.on('error', (error) => console.error(error));
  }

  async left(): Promise<number> {
    return this.#queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized');
  }

  async leave(): Promise<void> {
    await this.#worker?.close();
    await this.#queue.close();
  }
}
